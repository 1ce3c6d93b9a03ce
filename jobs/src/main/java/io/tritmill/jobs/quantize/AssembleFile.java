package io.tritmill.jobs.quantize;

import io.tritmill.jobs.format.OutputFile;
import io.tritmill.jobs.format.OutputTensor;
import io.tritmill.jobs.format.Segment;
import io.tritmill.jobs.run.Manifest;
import io.tritmill.jobs.run.RunDirectory;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Checksums;
import io.tritmill.jobs.storage.Publication;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/**
 * Writes one file of the packed model: its header, then every segment in order through one small
 * buffer.
 *
 * @param storage file systems
 * @param run whose model it is
 */
record AssembleFile(Storage storage, RunDirectory run)
    implements Tasks.Work<OutputFile, AssembleFile.Written> {
  private static final int BUFFER = 1 << 20;

  /**
   * A file that was written.
   *
   * @param entry its line in the manifest
   * @param tensorSha256 checksum of each of its tensors
   */
  record Written(Manifest.Entry entry, HashMap<String, String> tensorSha256)
      implements Serializable {}

  @Override
  public Written apply(OutputFile file, String attempt) throws IOException {
    MessageDigest digest = Checksums.sha256();
    HashMap<String, String> tensors = new HashMap<>();
    Path path = new Path(run.model(), file.name());
    try (Publication publication = storage.publication(path, run.drafts(), attempt)) {
      OutputStream out = new DigestOutputStream(publication.stream(), digest);
      out.write(file.header());
      copy(file, out, tensors);
      publication.commit();
    }
    String sha256 = HexFormat.of().formatHex(digest.digest());
    return new Written(
        new Manifest.Entry(run.model().getName() + "/" + file.name(), file.bytes(), sha256),
        tensors);
  }

  private void copy(OutputFile file, OutputStream out, Map<String, String> tensorSha256)
      throws IOException {
    byte[] buffer = new byte[BUFFER];
    String open = null;
    FSDataInputStream in = null;
    try {
      for (OutputTensor tensor : file.tensors()) {
        MessageDigest digest = Checksums.sha256();
        OutputStream both = new DigestOutputStream(out, digest);
        for (Segment segment : tensor.segments()) {
          if (!segment.file().equals(open)) {
            if (in != null) {
              in.close();
            }
            in = storage.openRanges(new Path(segment.file()));
            open = segment.file();
          }
          copy(in, segment, both, buffer);
          if (!segment.file().startsWith(run.parts().toString())) {
            Tasks.addBytesRead(segment.bytes());
          }
        }
        tensorSha256.put(tensor.name(), HexFormat.of().formatHex(digest.digest()));
      }
    } finally {
      if (in != null) {
        in.close();
      }
    }
  }

  private static void copy(FSDataInputStream in, Segment segment, OutputStream out, byte[] buffer)
      throws IOException {
    in.seek(segment.offset());
    long left = segment.bytes();
    while (left > 0) {
      int wanted = (int) Math.min(left, buffer.length);
      in.readFully(buffer, 0, wanted);
      out.write(buffer, 0, wanted);
      left -= wanted;
    }
  }
}
