# Makes the WebP files here by Pillow: four quarters of colour, lossless, and lossy with transparency; and animations whose first frame
# is a small one in its place.
from PIL import Image

im = Image.new("RGBA", (64, 32))
for k, c in enumerate([(255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255), (255, 255, 255, 255)]):
    im.paste(c, (32 * (k % 2), 16 * (k // 2), 32 * (k % 2) + 32, 16 * (k // 2) + 16))
im.convert("RGB").save("quarters_lossy.webp", quality=90)
im.convert("RGB").save("quarters_lossless.webp", lossless=True)
im.putpixel((0, 0), (255, 0, 0, 0))
im.save("quarters_alpha.webp", quality=90)
small = Image.new("RGBA", (64, 32))
small.paste((0, 0, 255, 255), (32, 16, 48, 24))
for name, how in [("anim_lossless.webp", {"lossless": True}), ("anim_lossy.webp", {"quality": 90})]:
    small.save(name, save_all=True, append_images=[im], duration=100, **how)
