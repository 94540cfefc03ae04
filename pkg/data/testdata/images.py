# Makes testdata/lossy.webp and fax.tif: four quarters of colour, and black beside white, written by Pillow.
from PIL import Image

im = Image.new("RGB", (64, 32))
for k, c in enumerate([(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]):
    im.paste(c, (32 * (k % 2), 16 * (k // 2), 32 * (k % 2) + 32, 16 * (k // 2) + 16))
im.save("lossy.webp", quality=90)
bit = Image.new("1", (32, 32))
bit.paste(1, (0, 0, 16, 32))
bit.save("fax.tif", compression="group4")
