package io.tritmill.kernels.model;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A decoder-only transformer as data, which {@code forward} interprets: an embedding, a residual
 * stream that sublayers add to one after another, a norm and a head.
 *
 * @param modelType the family's name in config.json
 * @param vocabulary rows of the embedding
 * @param hidden width of the residual stream
 * @param maxPositions positions that the model was made for
 * @param bosToken id that begins a sequence; -1 when the model has none
 * @param embedding (vocabulary, hidden)
 * @param embeddingScale what its rows are multiplied by on entering the stream
 * @param sublayers in the order of the forward pass
 * @param finalNorm before the head
 * @param head (vocabulary, hidden); the embedding where the two are tied
 * @param logitScale what logits are multiplied by
 * @param logitSoftCap c in c tanh(logit / c), after the scale; 0 for none
 */
public record Architecture(
    String modelType,
    int vocabulary,
    int hidden,
    int maxPositions,
    int bosToken,
    TensorSpec embedding,
    float embeddingScale,
    List<Sublayer> sublayers,
    Norm finalNorm,
    TensorSpec head,
    float logitScale,
    float logitSoftCap)
    implements Serializable {
  public Architecture {
    sublayers = List.copyOf(sublayers);
  }

  /** Whether the head is the embedding. */
  public boolean tied() {
    return head.equals(embedding);
  }

  /** Number of blocks. */
  public int blocks() {
    return 1 + sublayers.getLast().block();
  }

  /** Every tensor, in the order of the forward pass. */
  public List<TensorSpec> tensors() {
    List<TensorSpec> tensors = new ArrayList<>();
    tensors.add(embedding);
    sublayers.forEach(sublayer -> tensors.addAll(sublayer.tensors()));
    tensors.add(finalNorm.weight());
    if (!tied()) {
      tensors.add(head);
    }
    return tensors;
  }

  /** The tensor of this name. */
  public Optional<TensorSpec> tensor(String name) {
    return tensors().stream().filter(one -> one.name().equals(name)).findFirst();
  }

  /**
   * The head as a linear module: it reads the final hidden states, behind the final norm and in no
   * rotation. Of a tied table it is the only module, since the embedding reads token ids.
   */
  public Module headModule() {
    Site last = Collections.max(sublayers.getLast().sites(), Comparator.comparingInt(Site::index));
    Site site =
        Site.ofAll(last.index() + 1, last.stage() + 1, sublayers.size(), blocks(), "head", hidden);
    return new Module(
        head, 0, vocabulary, null, site, Basis.FIXED, Basis.FIXED, LossMetric.UNKNOWN);
  }

  /** Whether a site is that of the head, behind all sublayers. */
  public boolean isHead(Site site) {
    return site.sublayer() == sublayers.size();
  }

  /** Every linear module inside the blocks, in the order of the forward pass. */
  public List<Module> modules() {
    return sublayers.stream().flatMap(sublayer -> sublayer.operator().modules().stream()).toList();
  }

  /** The module that has the tensor for its weight; the first of several. */
  public Optional<Module> module(String tensor) {
    return modules().stream().filter(one -> one.weight().name().equals(tensor)).findFirst();
  }

  /** Every site inside the blocks, in the order of the forward pass. */
  public List<Site> sites() {
    return sublayers.stream().flatMap(sublayer -> sublayer.sites().stream()).toList();
  }

  /** Every site inside the blocks, those of a stage together; in the order of the forward pass. */
  public List<List<Site>> stages() {
    Map<Integer, List<Site>> stages = new TreeMap<>();
    for (Site site : sites()) {
      stages.computeIfAbsent(site.stage(), stage -> new ArrayList<>()).add(site);
    }
    return List.copyOf(stages.values());
  }

  /** The sublayer of a site inside the blocks. */
  public Sublayer sublayer(Site site) {
    return sublayers.get(site.sublayer());
  }

  /** Whether a site's modules add to the residual stream. */
  public boolean endsSublayer(Site site) {
    return !isHead(site)
        && sublayer(site).operator().last().filter(last -> last.site().equals(site)).isPresent();
  }

  /** Multiply-adds that a token costs in the linear modules of the costliest block. */
  public long blockProducts() {
    double[] products = new double[blocks()];
    for (Sublayer sublayer : sublayers) {
      products[sublayer.block()] += sublayer.operator().products();
    }
    return Math.round(Arrays.stream(products).max().orElse(0));
  }
}
