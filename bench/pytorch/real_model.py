"""The joint model in PyTorch from a checkpoint of the project's, such as bench/model.mjs makes."""
import resource
import sys
from pathlib import Path

import torch
from safetensors import safe_open
from transformers import AutoConfig, AutoModel

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts" / "fixtures"))
from joint_model import JointModel  # noqa: E402


def real_model(folder, rows=None, dropout=0.1):
    """`rows`: how many rows of the word embeddings to hold (None: all)."""
    config = AutoConfig.from_pretrained(folder)
    for name in ("hidden_dropout_prob", "attention_probs_dropout_prob", "dropout", "attention_dropout",
                 "embedding_dropout", "mlp_dropout"):
        if hasattr(config, name):
            setattr(config, name, dropout)
    config.vocab_size = rows or config.vocab_size
    pooler = {"add_pooling_layer": False} if config.model_type in ("bert", "roberta") else {}
    encoder = AutoModel.from_config(config, **pooler)  # attention: PyTorch's scaled_dot_product_attention
    with safe_open(str(Path(folder) / "model.safetensors"), "pt") as file, torch.no_grad():
        shape = {name: file.get_slice(name).get_shape() for name in file.keys()}
        heads = {name.split(".")[1]: size[0] for name, size in shape.items()
                 if name.startswith("heads.") and name.endswith(".weight")}
        model = JointModel(encoder, shape["bilstm.weight_hh_l0"][1], heads, dropout)
        for name, parameter in model.named().items():
            parameter.copy_(file.get_slice(name)[: parameter.shape[0]])
    return model, heads


def torch_device(device):
    """PyTorch's name of `cpu` or `gpu`. On a card float32 products take TensorFloat-32, as TensorFlow's do."""
    if device == "cpu":
        return "cpu"
    torch.set_float32_matmul_precision("high")
    return "cuda"


def steady_mib():
    """The memory that this process has now (resident set)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 2**20
