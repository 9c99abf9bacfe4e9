"""Draws pictures in every combination of what JPEG, PNG, BMP, GIF and TIFF allow, and compares what we read of them with
Pillow, sample for sample.

    python bench/pictures.py draw DIR            # writes 933 files
    java -cp mobilenetv3-model/target/classes bench/DecodeDump.java DIR/*.*
    python bench/pictures.py compare DIR...      # same, near (JPEG: at most 2 of 255), refused by both, different

Needs pillow and numpy (seen with Pillow 13.0.0). DIR may also hold pictures from elsewhere.
"""
import glob, io, itertools, os, struct, sys, zlib
import numpy as np
from PIL import Image, ImageCms, ImageOps

W, H = 45, 37
XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description ' \
      'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="%d"/></rdf:RDF></x:xmpmeta>'


def smooth(bands=3, w=W, h=H, seed=0):
    noise = np.random.default_rng(seed).integers(0, 256, (h // 5, w // 5, bands), np.uint8)
    parts = [Image.fromarray(noise[:, :, b]).resize((w, h), Image.BICUBIC) for b in range(bands)]
    return Image.merge({1: 'L', 2: 'LA', 3: 'RGB', 4: 'RGBA'}[bands], parts)


def exif(value, kind=3, order='<'):
    head = b'II*\0' if order == '<' else b'MM\0*'
    held = {1: 'B3x', 2: '2s2x', 3: 'H2x', 4: 'I'}[kind]
    number = b'%d\0' % value if kind == 2 else value
    return head + struct.pack(order + 'IHHHI' + held + 'I', 8, 1, 0x112, kind, 2 if kind == 2 else 1, number, 0)


def segment(marker, data):
    return struct.pack('>BBH', 255, marker, len(data) + 2) + data


def without(data, markers):
    """The JPEG without some of its segments."""
    out, at = data[:2], 2
    while data[at + 1] != 0xDA:
        n = 2 + struct.unpack('>H', data[at + 2:at + 4])[0]
        out += b'' if data[at + 1] in markers else data[at:at + n]
        at += n
    return out + data[at:]


def renumber(data, ids):
    """The JPEG with other component numbers, in its frame and in each scan."""
    d, at, old = bytearray(data), 2, []
    while at < len(d) - 1:
        if d[at] != 255 or d[at + 1] in (0, 255, *range(0xD0, 0xD9)):
            at += 1
            continue
        if d[at + 1] == 0xD9:
            break
        n = 2 + struct.unpack('>H', d[at + 2:at + 4])[0]
        if d[at + 1] in (0xC0, 0xC1, 0xC2):
            for i in range(d[at + 9]):
                old.append(d[at + 10 + 3 * i]); d[at + 10 + 3 * i] = ids[i]
        if d[at + 1] == 0xDA:
            for i in range(d[at + 4]):
                d[at + 5 + 2 * i] = ids[old.index(d[at + 5 + 2 * i])]
        at += n
    return bytes(d)


def jpeg(im, **options):
    b = io.BytesIO(); im.save(b, 'JPEG', quality=90, **options); return b.getvalue()


def put(name, data):
    open(os.path.join(OUT, name), 'wb').write(data)


JFIF = b'JFIF\0\1\1\0\0\1\0\1\0\0'
def adobe(transform): return b'Adobe\0\x64\0\0\0\0' + bytes([transform])


def jpegs():
    markers = {'none': [], 'jfif': [(0xE0, JFIF)], 'short-jfif': [(0xE0, b'JFIF\0\1\1')], 'jfif-adobe0': [(0xE0, JFIF), (0xEE, adobe(0))],
               'jfif-adobe1': [(0xE0, JFIF), (0xEE, adobe(1))],
               'exif': [(0xE1, b'Exif\0\0' + exif(1))], **{f'adobe{t}': [(0xEE, adobe(t))] for t in (0, 1, 2)}}
    ids = {'123': (1, 2, 3), '012': (0, 1, 2), '345': (3, 4, 5), 'RGB': b'RGB', 'rgb': b'rgb', 'YCc': b'YCc', '111': None}
    for (m, marks), (i, numbers), s, p in itertools.product(markers.items(), ids.items(), ('4:4:4', '4:2:2', '4:2:0', '4:4:0'), (0, 1)):
        if numbers is None or (s == '4:4:0' and m not in ('jfif', 'none')) or (p and s in ('4:2:2', '4:4:0') and i != '123'):
            continue
        d = without(jpeg(smooth(), subsampling=(s if s != '4:4:0' else '4:4:4'), progressive=bool(p)), {0xE0, 0xEE})
        if s == '4:4:0':
            d = without(halved(), {0xE0, 0xEE})
        d = renumber(d, numbers)
        put(f'jpg-{m}-{i}-{s.replace(":", "")}-{"prog" if p else "base"}.jpg', d[:2] + b''.join(segment(*x) for x in marks) + d[2:])
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB')).tobytes()
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile('LAB')).tobytes()
    p3 = display_p3()
    cut = lambda icc: segment(0xE2, b'ICC_PROFILE\0\1\1' + icc)
    bad = {'srgb': cut(srgb), 'lab': cut(lab), 'p3': cut(p3), 'empty': cut(b''), 'half': cut(srgb[:len(srgb) // 2]), '1of2': segment(0xE2, b'ICC_PROFILE\0\1\2' + srgb),
           '2of1': segment(0xE2, b'ICC_PROFILE\0\2\1' + srgb), 'twice': 2 * cut(srgb), 'noise': cut(bytes(range(200)))}
    for (n, icc), (mode, im), prog in itertools.product(bad.items(), (('rgb', smooth()), ('grey', smooth(1)), ('cmyk', smooth(4))), (0, 1)):
        if mode == 'cmyk':
            im = Image.merge('CMYK', im.split())
        d = jpeg(im, progressive=bool(prog)); put(f'jpg-icc-{n}-{mode}-{prog}.jpg', d[:2] + icc + d[2:])
    inks = Image.merge('CMYK', smooth(4).split())
    for t, s, prog in itertools.product((-1, 0, 1, 2), ('4:4:4', '4:2:2', '4:2:0'), (0, 1)):
        d = without(jpeg(inks, subsampling=s, progressive=bool(prog)), {0xEE})
        put(f'jpg-four-{t}-{s.replace(":", "")}-{prog}.jpg', d[:2] + (segment(0xEE, adobe(t)) if t >= 0 else b'') + d[2:])
    for v, place in itertools.product(range(0, 10), ('exif-le', 'exif-be', 'exif-long', 'exif-byte', 'exif-ascii', 'xmp', 'xmp-element', 'both')):
        x = XMP % v if place != 'xmp-element' else XMP.replace('tiff:Orientation="%d"/>', f'><tiff:Orientation>{v}</tiff:Orientation></rdf:Description>')
        s = {'exif-le': b'Exif\0\0' + exif(v), 'exif-be': b'Exif\0\0' + exif(v, order='>'), 'exif-long': b'Exif\0\0' + exif(v, 4),
             'exif-byte': b'Exif\0\0' + exif(v, 1), 'exif-ascii': b'Exif\0\0' + exif(v, 2), 'both': b'Exif\0\0' + exif(v)}.get(place)
        d = jpeg(smooth(), subsampling='4:2:0')
        extra = segment(0xE1, s) if s else b''
        if place.startswith('xmp') or place == 'both':
            extra += segment(0xE1, b'http://ns.adobe.com/xap/1.0/\0' + (x if place != 'both' else XMP % 3).encode())
        put(f'jpg-turned-{place}-{v}.jpg', d[:2] + extra + d[2:])
    d = bytearray(jpeg(smooth(w=80, h=60, seed=4)))
    scan = d.index(b'\xff\xda')
    for n, at in enumerate(range(scan + 40, len(d) - 60, max(1, (len(d) - scan) // 12))):
        e = bytearray(d); e[at:at + 2] = b'\xff\xd3'; put(f'jpg-rst-{n}.jpg', bytes(e))
        e = bytearray(d); del e[at:at + 9]; put(f'jpg-lost-{n}.jpg', bytes(e))
        if n < 6:
            put(f'jpg-cut-{n}.jpg', bytes(d[:at])); put(f'jpg-cut-eoi-{n}.jpg', bytes(d[:at]) + b'\xff\xd9')
    put('jpg-no-eoi.jpg', bytes(d[:-2])); put('jpg-comment.jpg', bytes(d[:2]) + segment(0xFE, b'hello') + bytes(d[2:]))
    put('jpg-fill.jpg', bytes(d[:2]) + b'\xff\xff\xff' + bytes(d[2:])); put('jpg-trailing.jpg', bytes(d) + b'more' * 99)


def halved():
    """4:4:0: as 4:2:2 of the turned picture, whose factors are exchanged afterwards (one block each way is the same grid)."""
    d = bytearray(jpeg(smooth(w=32, h=32), subsampling='4:2:2'))
    at = d.index(b'\xff\xc0'); d[at + 11] = 0x12
    return bytes(d)


def chunk(kind, data): return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
def png(colour, depth, interlace, extra=(), trns=None, palette=None, w=W, h=H):
    bands = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    most = len(palette) // 3 if palette else 1 << depth
    a = (np.asarray(smooth(max(3, bands) if bands != 2 else 4, w, h, depth)).astype(np.int64)[:, :, :bands] * 257 * most >> 16)
    a = np.minimum(a, most - 1)
    def rows(b):
        out = b''
        for r in b.reshape(b.shape[0], -1):
            if depth == 16: out += b'\0' + r.astype('>u2').tobytes()
            else: out += b'\0' + np.packbits(((r[:, None] >> np.arange(depth - 1, -1, -1)) & 1).astype(np.uint8).reshape(-1)).tobytes()
        return out
    data = b''.join(rows(a[y::dy, x::dx]) for x, y, dx, dy in PASSES if a[y::dy, x::dx].size) if interlace else rows(a)
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', w, h, depth, colour, 0, 0, interlace)) + b''.join(chunk(*e) for e in extra)
            + (chunk(b'PLTE', palette) if palette else b'') + (chunk(b'tRNS', trns) if trns is not None else b'') + chunk(b'IDAT', zlib.compress(data)) + chunk(b'IEND', b''))


def pngs():
    icc = b'profile\0\0' + zlib.compress(ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB')).tobytes())
    for colour, depths in {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}.items():
        for depth, lace, clear, more in itertools.product(depths, (0, 1), (0, 1), ('', 'gamma', 'icc', 'badicc')):
            if clear and colour in (4, 6) or (lace and more in ('gamma', 'badicc')): continue
            n = min(1 << depth, 200)
            pal = bytes((i * k + k) % 256 for i in range(n) for k in (37, 91, 151)) if colour == 3 else None
            trns = None if not clear else {0: b'\0\1', 2: b'\0\1\0\2\0\3', 3: bytes(range(min(n, 5)))}[colour]
            extra = {'': [], 'gamma': [(b'gAMA', struct.pack('>I', 100000))], 'icc': [(b'iCCP', icc)], 'badicc': [(b'iCCP', icc[:40])]}[more]
            put(f'png-{colour}-{depth}-{lace}{clear}{more}.png', png(colour, depth, lace, extra, trns, pal))
    greys = bytes(v for i in range(16) for v in (i * 17,) * 3); put('png-palette-grey.png', png(3, 4, 0, palette=greys))
    for v in range(0, 10):
        raw = b'Exif\0\0' + exif(v)
        text = b'\nexif\n%8d\n' % len(raw) + raw.hex().encode() + b'\n'
        x = (XMP % v).encode()
        places = {'exif': (b'eXIf', exif(v)), 'exif-be': (b'eXIf', exif(v, order='>')), 'prefix': (b'eXIf', raw),
                  'raw-tEXt': (b'tEXt', b'Raw profile type exif\0' + text), 'raw-zTXt': (b'zTXt', b'Raw profile type exif\0\0' + zlib.compress(text)),
                  'xmp': (b'iTXt', b'XML:com.adobe.xmp\0\0\0\0\0' + x), 'xmp-z': (b'iTXt', b'XML:com.adobe.xmp\0\1\0\0\0' + zlib.compress(x)),
                  'xmp-tEXt': (b'tEXt', b'XML:com.adobe.xmp\0' + x), 'exif-byte': (b'eXIf', exif(v, 1))}
        for n, c in places.items(): put(f'png-turned-{n}-{v}.png', png(2, 8, v % 2, [c]))
    late = png(2, 8, 0); put('png-turned-late.png', late[:-12] + chunk(b'eXIf', exif(6)) + late[-12:])
    put('png-cut.png', late[:len(late) // 2])


def others():
    rgb, grey = smooth(), smooth(1)
    for n, im in {'rgb': rgb, 'grey': grey, 'bit': grey.convert('1'), 'palette': rgb.quantize(200), 'palette16': rgb.quantize(16), 'palette2': rgb.quantize(2), 'rgba': smooth(4)}.items():
        im.save(f'{OUT}/bmp-{n}.bmp')
    px = np.random.default_rng(3).integers(0, 65536, (H, W + W % 2), np.uint16)
    for n, comp, masks in (('555', 0, b''), ('565', 3, struct.pack('<III', 0xF800, 0x7E0, 0x1F)), ('m555', 3, struct.pack('<III', 0x7C00, 0x3E0, 0x1F))):
        for sign in (1, -1):
            d = px.tobytes(); off = 54 + len(masks)
            put(f'bmp-16-{n}-{"up" if sign > 0 else "down"}.bmp', b'BM' + struct.pack('<IHHI', off + len(d), 0, 0, off) + struct.pack('<IiiHHIIiiII', 40, px.shape[1], sign * H, 1, 16, comp, len(d), 2835, 2835, 0, 0) + masks + d)
    for bits in (1, 4, 8):
        n = 1 << bits; stride = (W * bits + 31) // 32 * 4
        d = np.random.default_rng(bits).integers(0, 256, stride * H, np.uint8).tobytes()
        pal = bytes(v for i in range(n) for v in ((i * 37) % 256, (i * 91) % 256, (i * 151 + 7) % 256, 0)); off = 54 + len(pal)
        put(f'bmp-pal-{bits}.bmp', b'BM' + struct.pack('<IHHI', off + len(d), 0, 0, off) + struct.pack('<IiiHHIIiiII', 40, W, H, 1, bits, 0, len(d), 0, 0, n, 0) + pal + d)
    for clear, offset, lace, colours, comment in itertools.product((None, 0, 5), ((0, 0), (7, 3), (30, 30)), (0, 1), (2, 16, 200), (0, 1)):
        im = rgb.quantize(colours); im.info.clear()
        b = io.BytesIO()
        im.save(b, 'GIF', interlace=lace, optimize=False, **({'transparency': clear} if clear is not None and clear < colours else {}), **({'comment': b'x' * 300} if comment else {}))
        d = bytearray(b.getvalue())
        at = picture(d)
        struct.pack_into('<HH', d, at + 1, *offset)
        for name, screen in (('fits', (W + 40, H + 40)), ('small', (W, H))):
            if name == 'small' and (comment or lace): continue
            struct.pack_into('<HH', d, 6, *screen)
            put(f'gif-{clear}-{offset[0]}-{lace}-{colours}-{comment}-{name}.gif', bytes(d))
    rgb.quantize(30).save(f'{OUT}/gif-two.gif', save_all=True, append_images=[grey.quantize(9)], duration=100)
    grey.save(f'{OUT}/gif-grey.gif')
    cmyk = Image.merge('CMYK', smooth(4).split())
    for n, im in {'rgb': rgb, 'grey': grey, 'cmyk': cmyk, 'bit': grey.convert('1'), 'palette': rgb.quantize(50), 'rgba': smooth(4)}.items():
        for comp in ('raw', 'tiff_lzw', 'packbits', 'tiff_adobe_deflate'): im.save(f'{OUT}/tif-{n}-{comp}.tif', compression=comp)
    for v in range(1, 9):
        rgb.save(f'{OUT}/tif-turned-{v}.tif', tiffinfo={274: v}); cmyk.save(f'{OUT}/tif-cmyk-turned-{v}.tif', tiffinfo={274: v}, compression='tiff_lzw')


def picture(d):
    at = 13 + (3 << ((d[10] & 7) + 1) if d[10] & 128 else 0)
    while d[at] != 0x2C:
        at += 2
        while d[at]: at += 1 + d[at]
        at += 1
    return at


def ours(file):
    if not os.path.exists(file + '.raw'): return None
    raw = open(file + '.raw', 'rb').read(); c, h, w = struct.unpack('>III', raw[:12])
    a = np.frombuffer(raw, np.uint8, offset=12).reshape(c, h, w).transpose(1, 2, 0)
    return np.repeat(a, 3, 2) if c == 1 else a


def compare(folders):
    counts, kinds = {}, {}
    for f in sorted(sum((glob.glob(d + '/*.*') for d in folders), [])):
        if not f.endswith(('.jpg', '.png', '.gif', '.bmp', '.tif')): continue
        try: right = np.asarray(ImageOps.exif_transpose(Image.open(f)).convert('RGB')).astype(int)
        except Exception as e: right, why = None, e
        got = ours(f)
        if right is None or got is None:
            what = 'refused by both' if right is None and got is None else 'only we read' if right is None else 'only Pillow reads'
            note = str(why)[:90] if right is None else open(f + '.txt').read()[-150:]
        elif right.shape != got.shape: what, note = 'different', f'{right.shape} {got.shape}'
        else:
            off = np.abs(right - got); near = 2 if f.endswith('.jpg') else 0
            what = 'same' if off.max() == 0 else 'near' if off.max() <= near else 'different'; note = f'max {off.max()} mean {off.mean():.3f}'
        counts[what] = counts.get(what, 0) + 1
        kind = os.path.basename(f)[:3]; kinds[kind, what] = kinds.get((kind, what), 0) + 1
        if what not in ('same', 'refused by both', 'near'): print(what, f, note)
    print(counts, 'of', sum(counts.values())); print({f'{k} {w}': n for (k, w), n in sorted(kinds.items())})
    return any(w not in ('same', 'near', 'refused by both') for w in counts)


def display_p3():
    """A profile with P3's primaries and a gamma of 2.2."""
    fixed = lambda *v: b''.join(struct.pack('>i', round(x * 65536)) for x in v)
    xyz = lambda *v: b'XYZ \0\0\0\0' + fixed(*v)
    text = b'Display P3 like\0'
    desc = b'desc\0\0\0\0' + struct.pack('>I', len(text)) + text + b'\0' * 78
    gamma = b'curv\0\0\0\0' + struct.pack('>IHH', 1, 563, 0)
    tags = [(b'desc', desc + b'\0' * (-len(desc) % 4)), (b'cprt', b'text\0\0\0\0CC0\0'), (b'wtpt', xyz(.9642, 1, .8249)), (b'rXYZ', xyz(.51512, .2412, -.00105)),
            (b'gXYZ', xyz(.29198, .69225, .04189)), (b'bXYZ', xyz(.1571, .06657, .78407)), (b'rTRC', gamma), (b'gTRC', gamma), (b'bTRC', gamma)]
    at, table, data = 132 + 12 * len(tags), b'', b''
    for n, d in tags:
        table += n + struct.pack('>II', at + len(data), len(d)); data += d
    head = struct.pack('>I', at + len(data)) + b'\0' * 4 + b'\2\x10\0\0mntrRGB XYZ ' + struct.pack('>6H', 2020, 1, 1, 0, 0, 0) + b'acsp' + b'\0' * 28 + fixed(.9642, 1, .8249)
    return head + b'\0' * (128 - len(head)) + struct.pack('>I', len(tags)) + table + data


if __name__ != '__main__':
    pass
elif sys.argv[1] == 'draw':
    OUT = sys.argv[2]; os.makedirs(OUT, exist_ok=True); jpegs(); pngs(); others(); print(len(os.listdir(OUT)), 'pictures')
else:
    sys.exit(compare(sys.argv[2:]))
