"""Writes the files of this folder: python make.py OUT."""
import decimal
import sys

import pyarrow as pa
import pyarrow.parquet as pq

R=sys.argv[1]
D=decimal.Decimal
t=pa.table({"price":pa.array([D("1.5")]*2,pa.decimal32(5,2)),"deep":pa.array([[{"a":D("2.25")}],None],pa.list_(pa.struct([("a",pa.decimal64(12,2))]))),"text":["one","two"]})
with pa.OSFile(R+"/small-decimals.arrow","wb") as s, pa.ipc.new_stream(s,t.schema) as w: w.write_table(t)
x=pa.array(["one","two"]); y=pa.array(["x","y"])
def pqw(name,names,arrs,**k): pq.write_table(pa.Table.from_arrays(arrs,names=names),R+"/"+name,store_schema=False,write_statistics=False,**k)
pqw("text-twice.parquet",["text","text"],[x,y])
pqw("other-twice.parquet",["x","text","x"],[y,x,y])
pqw("brotli.parquet",["text"],[x],compression="brotli")
pqw("brotli-beside.parquet",["text","x"],[x,y],compression={"text":"zstd","x":"brotli"})
with pq.ParquetWriter(R+"/empty-group.parquet",pa.schema([("text",pa.string())]),store_schema=False) as w:
    e=pa.table({"text":pa.array([],pa.string())})
    w.write_table(e); w.write_table(pa.table({"text":x})); w.write_table(e)
pqw("padded.parquet",["input_ids","attention_mask"],[pa.array([[1,2,3,0],[0,0,4,5],None,[6,0,0,0]]),pa.array([[1,1,1,0],[0,0,1,1],None,[1,0,0,0]])])
pqw("padded-bool.parquet",["input_ids","attention_mask"],[pa.array([[1,2,3,0]]),pa.array([[True,True,False,False]])])
pqw("holes.parquet",["input_ids","attention_mask"],[pa.array([[1,2,3,0]]),pa.array([[1,0,1,0]])])
pqw("nulls.parquet",["text"],[pa.array([None,None])])
