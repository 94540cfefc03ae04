# Makes testdata/npy: features and labels as NumPy writes them. Row i, column j of the features is i + j/8 (exact in 16 bits).
import os
import numpy as np

os.makedirs("npy", exist_ok=True)
x = np.arange(12)[:, None] + np.arange(5)[None, :] / 8
for kind in ("f2", "f4", "f8"):
    np.save(f"npy/{kind}.npy", x.astype("<" + kind))
np.save("npy/fortran.npy", np.asfortranarray(x.astype("<f4")))
np.save("npy/big.npy", x.astype(">f4"))
labels = np.arange(12) % 6
for kind in ("u1", "i2", "i4", "i8", "u8"):
    np.save(f"npy/labels_{kind}.npy", labels.astype("<" + kind))
np.save("npy/labels_text.npy", np.array(["고양이", "red cat", "é", "d", "e", "f"])[labels])
np.save("npy/objects.npy", np.array(["a", None], dtype=object), allow_pickle=True)
