"""Trains the network of `configs/news.toml` in PyTorch for one pass over the batches that spanarc would take.

Prints an object of JSON: sentences, seconds, and the mean losses. With `--check` it compares the network with what
spanarc computed instead, with `--profile` it tells where the time goes.
"""

import argparse
import json
import sys
import time

import torch

from corpus import Corpus
from network import JointNetwork, translated

LEARNING_RATE, ENCODER_LEARNING_RATE = 1e-3, 1.5e-4
RELATION_WEIGHT, CLIP, AVERAGE, WARMUP = 5.0, 1.0, 0.99, 0.1


class Trainer:
    """AdamW with two rates, clipped gradients and averaged weights."""

    def __init__(self, network, steps):
        self.network, self.steps, self.taken = network, steps, 0
        trainable = [(name, value) for name, value in network.named_parameters() if value.requires_grad]
        # The learned mix of layers belongs to the heads, as in spanarc.
        is_encoder = lambda name: name.startswith("encoder.") and name not in ("encoder.mix", "encoder.gamma")
        group = lambda encoder: [value for name, value in trainable if is_encoder(name) == encoder]
        rates = {LEARNING_RATE: group(False), ENCODER_LEARNING_RATE: group(True)}
        groups = [{"params": values, "lr": rate} for rate, values in rates.items()]
        self.optimizer = torch.optim.AdamW(groups, weight_decay=0.0, fused=True)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, self.factor)
        self.parameters = [value for _, value in trainable]
        self.averages = [value.detach().clone() for value in self.parameters]

    def factor(self, step):
        """Linear warm-up, then a linear decay to 0."""
        warmup = round(WARMUP * self.steps)
        return (step + 1) / warmup if step < warmup else (self.steps - step) / max(self.steps - warmup, 1)

    def step(self, batch):
        """One step down the gradient: both losses, as tensors."""
        ner, re = self.network.losses(batch, *self.network(batch))
        self.optimizer.zero_grad(set_to_none=True)
        (ner if re is None else ner + RELATION_WEIGHT * re).backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, CLIP)
        self.optimizer.step()
        self.schedule.step()
        decay = min(AVERAGE, (1 + self.taken) / (10 + self.taken))
        with torch.no_grad():
            torch._foreach_lerp_(self.averages, self.parameters, 1 - decay)
        self.taken += 1
        return ner.detach(), torch.zeros(()) if re is None else re.detach()


def train(corpus, device, warmup, limit):
    """Times the pass. Before it another network takes `warmup` batches, so that allocators and code caches are filled."""
    batches = corpus.batches[:limit]
    new = lambda: Trainer(JointNetwork(corpus.parameters).to(device), len(batches))
    wait = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    first = new()
    for sentences in batches[:warmup]:
        first.step(corpus.batch(sentences).to(device))
    trainer = new()
    wait()
    started = time.perf_counter()
    losses = []
    for sentences in batches:
        ner, re = trainer.step(corpus.batch(sentences).to(device))
        losses.append((ner.item(), re.item()))
    wait()
    seconds = time.perf_counter() - started
    ner, re = (sum(values) / len(losses) for values in zip(*losses))
    return {"sentences": sum(map(len, batches)), "seconds": seconds, "ner_loss": ner, "re_loss": re}


def check(corpus, device):
    """Largest differences from spanarc's emissions, logits and losses without dropout, and from its gradients."""
    network = JointNetwork(corpus.parameters, dropout=False).to(device)
    sentences = corpus.reference["sentences"].numpy()
    batch = corpus.batch(sentences).to(device)
    emissions, logits = network(batch)
    ner, re = network.losses(batch, emissions, logits)
    (ner + RELATION_WEIGHT * re).backward()
    difference = lambda ours, theirs: (ours.detach().cpu() - theirs).abs().max().item()
    valid = batch.token_mask.cpu()
    gradients = translated(corpus.gradients)
    found = {name: value.grad for name, value in network.named_parameters() if value.requires_grad}
    if found.keys() != gradients.keys():
        sys.exit(f"the networks train other parameters: {sorted(found.keys() ^ gradients.keys())}")
    relative = {
        name: difference(gradient, gradients[name]) / max(gradients[name].abs().max().item(), 1e-6)
        for name, gradient in found.items()
    }
    worst = max(relative, key=relative.get)
    return {
        "sentences": len(sentences),
        "pairs": len(batch.heads),
        "emissions": difference(emissions.cpu()[valid], corpus.reference["emissions"][valid]),
        "relation_logits": difference(logits, corpus.reference["relation_logits"]),
        "ner_loss": difference(ner, corpus.reference["ner_loss"]),
        "re_loss": difference(re, corpus.reference["re_loss"]),
        "gradients": f"{relative[worst]:.2e} of the largest element, in {worst}",
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", help="what `export_training` wrote")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", type=torch.device, default=torch.device("cpu"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--warmup", type=int, default=5, help="batches before the clock starts")
    parser.add_argument("--batches", type=int, help="no more than these; default: all")
    parser.add_argument("--check", action="store_true", help="compare with spanarc's numbers instead")
    parser.add_argument("--profile", action="store_true", help="print where the time goes")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.set_num_interop_threads(1)
    torch.manual_seed(arguments.seed)
    # PyTorch would round the GRUs' products to TF32 on a GPU, and only theirs.
    torch.backends.cudnn.allow_tf32 = False
    corpus = Corpus(arguments.corpus)
    if arguments.check:
        result = check(corpus, arguments.device)
    elif arguments.profile:
        activities = [torch.profiler.ProfilerActivity.CPU]
        if arguments.device.type == "cuda":
            activities.append(torch.profiler.ProfilerActivity.CUDA)
        with torch.profiler.profile(activities=activities) as profile:
            result = train(corpus, arguments.device, arguments.warmup, arguments.batches)
        print(profile.key_averages().table(sort_by="self_cpu_time_total", row_limit=40), file=sys.stderr)
    else:
        result = train(corpus, arguments.device, arguments.warmup, arguments.batches)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
