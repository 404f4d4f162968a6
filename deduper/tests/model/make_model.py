"""Makes the tiny sentence model of these tests: `uv run --with onnx python make_model.py`.

It knows four meanings, a vector each, and a few words for every one of them.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx  # type: ignore[import-not-found, unused-ignore] # only who changes the model has it
from onnx import (  # type: ignore[import-not-found, unused-ignore] # as above
    TensorProto,
    helper,
    numpy_helper,
)

MEANINGS = ("fire blaze flames", "dog hound", "mayor", "bridge")
FOLDER = Path(__file__).parent

words = ["[PAD]", "[UNK]", *(word for meaning in MEANINGS for word in meaning.split())]
table = np.zeros((len(words), 8), np.float32)
table[0, 6] = 1.0  # padding means something, unless the mask takes it out
table[1, 7] = 0.1
for axis, meaning in enumerate(MEANINGS):
    for word in meaning.split():
        table[words.index(word), axis] = 1.0

graph = helper.make_graph(
    [helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])],
    "tiny",
    [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"])
        for name in ("input_ids", "attention_mask")
    ],
    [
        helper.make_tensor_value_info(
            "last_hidden_state", TensorProto.FLOAT, ["batch", "sequence", 8]
        )
    ],
    [numpy_helper.from_array(table, "table")],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model)
onnx.save(model, FOLDER / "model.onnx")
tokenizer: dict[str, object] = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [],
    "normalizer": {"type": "Lowercase"},
    "pre_tokenizer": {"type": "Whitespace"},
    "post_processor": None,
    "decoder": None,
    "model": {
        "type": "WordLevel",
        "vocab": {word: place for place, word in enumerate(words)},
        "unk_token": "[UNK]",
    },
}
(FOLDER / "tokenizer.json").write_text(json.dumps(tokenizer, indent=1) + "\n")
