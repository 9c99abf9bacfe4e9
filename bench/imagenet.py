"""Draws a folder of the form of ImageNet's validation images with a net to score, and compares what `evaluate` finds there
with torchvision's own transforms, DataLoader and net.

    python bench/imagenet.py draw DIR 2000 [PHOTO...]    # pictures in one folder, val.txt and net.pth; with crops of photographs
    ./mobilenetv3 evaluate --weights DIR/net.pth --dataset imagenet --data DIR --state DIR/predictions.csv
    python bench/imagenet.py compare DIR

The net has random weights, so image i is given the class that torchvision's answer has in place i % 7: top-1 is then 1/7 and
top-5 is 5/7, and any answer in another order shows. Needs torch, torchvision and pillow (seen with 2.7.1, 0.22.1 and 13.0.0).
"""
import csv, pathlib, sys, time
import numpy as np
import torch
from PIL import Image
from torchvision import transforms
from torchvision.models import mobilenet_v3_large

SIZES = [(500, 375), (500, 333), (375, 500), (640, 480), (320, 240)]
NORMALIZE = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
TRANSFORM = transforms.Compose(
    [transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), NORMALIZE])


def picture(i, photos):
    """Large soft spots and fine noise, over a part of a photograph if there is one."""
    random = np.random.default_rng(i)
    w, h = SIZES[i % len(SIZES)]
    spots = Image.fromarray(random.integers(0, 256, (6, 8, 3), np.uint8)).resize((w, h), Image.BICUBIC)
    if photos:
        photo = photos[i % len(photos)]
        side = random.uniform(0.3, 1) * min(photo.width / w, photo.height / h)
        x, y = (random.uniform(0, a - side * b) for a, b in ((photo.width, w), (photo.height, h)))
        part = photo.resize((w, h), Image.BICUBIC, (x, y, x + side * w, y + side * h))
        spots = Image.blend(part, spots, 0.2)
    grain = random.normal(0, 8, (h, w, 3))
    return Image.fromarray(np.clip(np.asarray(spots) + grain, 0, 255).astype(np.uint8))


class Pictures(torch.utils.data.Dataset):
    def __init__(self, directory):
        self.files = sorted(directory.glob('*.JPEG'))

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        return TRANSFORM(Image.open(self.files[i]).convert('RGB'))


def answers(net, directory, workers=2):
    loader = torch.utils.data.DataLoader(Pictures(directory), batch_size=128, num_workers=workers)
    with torch.inference_mode():
        return torch.cat([net.eval()(x) for x in loader])


def load(directory):
    net = mobilenet_v3_large()
    net.load_state_dict(torch.load(directory / 'net.pth'))
    return net


def draw(directory, count, *photos):
    directory.mkdir(parents=True)
    photos = [Image.open(p).convert('RGB') for p in photos]
    for i in range(int(count)):
        picture(i, photos).save(directory / f'ILSVRC2012_val_{i + 1:08d}.JPEG', quality=90)
    torch.manual_seed(0)
    net = mobilenet_v3_large()
    for layer in net.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = None  # the mean over all batches
            torch.nn.init.normal_(layer.weight, 1, 0.2)
            torch.nn.init.normal_(layer.bias, 0, 0.2)
    net.classifier[3].weight.data.normal_(0, 0.1)
    with torch.no_grad():
        for x in torch.utils.data.DataLoader(Pictures(directory), batch_size=64):
            net.train()(x)
            break
    torch.save(net.state_dict(), directory / 'net.pth')
    order = answers(net, directory).argsort(1, descending=True)
    files = Pictures(directory).files
    lines = [f'{f.name} {order[i, i % 7]}\n' for i, f in enumerate(files)]
    (directory / 'val.txt').write_text(''.join(lines))
    print(f'{len(files)} pictures, {len(set(order[:, 0].tolist()))} classes answered')


def compare(directory):
    begin = time.time()
    logits = answers(load(directory), directory).double()
    seconds = time.time() - begin
    labels = torch.tensor([int(line.split()[1]) for line in open(directory / 'val.txt')])
    order = logits.argsort(1, descending=True)
    with open(directory / 'predictions.csv') as file:
        ours = list(csv.DictReader(line for line in file if not line.startswith('#')))
    rank = (order == labels[:, None]).int().argmax(1)
    predicted = [int(row['predicted']) for row in ours]
    loss = torch.nn.functional.cross_entropy(logits, labels, reduction='none')
    print(f'torchvision: top-1 {(rank == 0).sum()}, top-5 {(rank < 5).sum()} of {len(labels)}, loss {loss.mean():.6f}, '
          f'{len(labels) / seconds:.0f} images/s')
    print(f'evaluate:    top-1 {sum(int(r["rank"]) == 0 for r in ours)}, top-5 {sum(int(r["rank"]) < 5 for r in ours)} '
          f'of {len(ours)}, loss {np.mean([float(r["loss"]) for r in ours]):.6f}')
    print(f'largest difference of a loss: {max(abs(float(r["loss"]) - l) for r, l in zip(ours, loss.tolist())):.2g}')
    for i, row in enumerate(ours):
        if predicted[i] != order[i, 0] or int(row['rank']) != rank[i]:
            gap = logits[i, order[i, 0]] - logits[i, predicted[i]]
            print(f'differs: {row["name"]}: {predicted[i]} (rank {row["rank"]}), torchvision {order[i, 0]} (rank {rank[i]}); '
                  f'between the two classes lie {gap:.2g} of logit')


if __name__ == '__main__':
    {'draw': draw, 'compare': compare}[sys.argv[1]](pathlib.Path(sys.argv[2]), *sys.argv[3:])
