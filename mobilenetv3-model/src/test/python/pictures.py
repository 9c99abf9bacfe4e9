"""Writes pictures.txt: odd pictures and the samples that Pillow reads of them.

    python mobilenetv3-model/src/test/python/pictures.py > mobilenetv3-model/src/test/resources/image/pictures.txt

Seen with Pillow 13.0.0. Lines are as in pillow.txt; a name's first word is the test that reads it. The pictures are a few
of those that bench/pictures.py draws.
"""
import base64, glob, io, os, sys, tempfile
import numpy as np
from PIL import Image, ImageOps

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../../../../bench'))
import pictures

pictures.W, pictures.H = 29, 18
pictures.smooth.__defaults__ = (3, 29, 18, 0)
pictures.png.__defaults__ = ((), None, None, 29, 18)
NAMES = {
    'profile': ['jpg-icc-p3-rgb-0.jpg', 'jpg-icc-p3-rgb-1.jpg', 'jpg-icc-lab-rgb-0.jpg', 'jpg-icc-p3-grey-0.jpg', 'jpg-icc-p3-cmyk-0.jpg'],
    'refused': [*(f'jpg-icc-{n}-rgb-0.jpg' for n in ('empty', 'half', '1of2', '2of1', 'twice', 'noise')), 'jpg-jfif-adobe0-123-444-base.jpg',
                'jpg-jfif-adobe0-123-420-base.jpg', 'jpg-rst-4.jpg', 'jpg-lost-3.jpg', 'jpg-fill.jpg'],
    'colours': [*(f'jpg-{m}-{i}-444-base.jpg' for m in ('none', 'jfif', 'adobe0', 'adobe1', 'adobe2', 'short-jfif') for i in ('123', '012', 'RGB')),
                'jpg-none-345-444-base.jpg', 'jpg-none-YCc-444-base.jpg', 'jpg-none-rgb-444-prog.jpg', 'jpg-none-RGB-420-base.jpg',
                *(f'jpg-four-{t}-420-0.jpg' for t in (-1, 0, 1, 2)), 'jpg-jfif-123-440-base.jpg', 'jpg-none-RGB-440-base.jpg'],
    'turned': [*(f'jpg-turned-{p}-{v}.jpg' for p, v in (('xmp', 6), ('xmp', 3), ('xmp-element', 8), ('both', 6), ('both', 9), ('exif-be', 5), ('exif-long', 7), ('exif-byte', 6))),
               *(f'png-turned-{p}-{v}.png' for p, v in (('raw-tEXt', 6), ('raw-zTXt', 8), ('prefix', 6), ('xmp', 6), ('xmp-z', 5), ('xmp-tEXt', 2), ('exif', 7), ('exif-byte', 6))),
               'png-turned-late.png', 'tif-turned-6.tif', 'tif-cmyk-turned-8.tif'],
    'screen': ['gif-None-7-0-16-0-fits.gif', 'gif-5-7-1-16-1-fits.gif', 'gif-0-30-0-200-0-fits.gif', 'gif-5-7-0-16-0-small.gif', 'gif-None-0-0-16-0-fits.gif', 'gif-two.gif'],
    'depth': ['bmp-16-555-up.bmp', 'bmp-16-565-down.bmp', 'bmp-pal-4.bmp', 'png-2-16-10.png', 'png-0-2-00.png', 'png-3-4-11.png', 'png-4-16-00.png', 'tif-cmyk-tiff_lzw.tif', 'tif-cmyk-raw.tif'],
}
pictures.OUT = tempfile.mkdtemp()
pictures.jpegs(); pictures.pngs(); pictures.others()
for test, names in NAMES.items():
    for name in names:
        if not os.path.exists(os.path.join(pictures.OUT, name)):
            print('missing', name, file=sys.stderr); continue
        data = open(os.path.join(pictures.OUT, name), 'rb').read()
        im = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
        a = np.asarray(im if im.mode == 'L' else im.convert('RGB'))
        if a.ndim == 3 and (a[:, :, :1] == a).all():
            a = a[:, :, 0]
        a = np.ascontiguousarray(a[None] if a.ndim == 2 else a.transpose(2, 0, 1))
        near = 2 if name.endswith('.jpg') else 0
        print('file', test + ':' + name, *a.shape, near, base64.b64encode(data).decode(), base64.b64encode(a.tobytes()).decode())
