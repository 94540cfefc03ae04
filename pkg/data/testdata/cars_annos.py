# Makes testdata/cars_annos.mat and cars_annos_plain.mat: the form of Stanford Cars' annotations, written by SciPy.
import numpy as np
from scipy.io import savemat

names = np.array([["AM General Hummer SUV 2000", "Ram C/V Cargo Van 2012", "Citroën C3 2005", "smart fortwo 2012"]], dtype=object)
dtype = [(n, "O") for n in ("relative_im_path", "bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2", "class", "test")]
rows = np.zeros((1, 6), dtype=dtype)
for i, c in enumerate([1, 2, 2, 3, 4, 4]):
    rows[0, i] = ("car_ims/%06d.jpg" % (i + 1), 112, 7, 853, 717, c, i % 2)
for name, packed in (("cars_annos.mat", True), ("cars_annos_plain.mat", False)):
    savemat(name, {"annotations": rows, "class_names": names}, do_compression=packed)
