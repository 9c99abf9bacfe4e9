"""Makes ../resources/golden/metrics.json: figures of detection and segmentation.

Run with pycocotools 2.0.11, torch 2.7.1, numpy 2.4.6:  python metrics.py

The scenes themselves are not in the file: MetricGolden draws the same ones.
"""
import contextlib
import io
import json
import pathlib

import numpy as np
import torch
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


class Random:
    """The same in MetricGolden."""

    def __init__(self, seed):
        self.state = seed

    def next(self, bound):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % bound


def box(random, grid):
    scale = [20, 60, 200][random.next(3)]
    x = random.next(300 * grid) / grid
    y = random.next(300 * grid) / grid
    width = 5 + 5 * random.next(scale // 5) if grid == 4 else (1 + random.next(scale * grid)) / grid
    return [x, y, width, (grid + random.next(scale * grid)) / grid]


def moved(random, near, grid):
    """Near a box, often exactly there, and often at an IoU of 0.5, 0.55 to 1."""
    out = list(near)
    sides = random.next(5)
    if sides == 4:
        if grid == 4 and out[2] % 5 == 0:  # the result is in fourths
            out[2] = out[2] * (10 + random.next(11)) / 20
        return out
    for side in range(sides):
        if side >= 2:
            out[side] = max(1 / grid, out[side] - random.next(20 * grid) / grid)
        else:
            out[side] = out[side] + (random.next(20 * grid) - 10 * grid) / grid
    return out


def scenes(seed):
    """(classes, [(image id, objects, detections)])"""
    random = Random(seed)
    grid = 4 if seed % 2 == 0 else 10  # fourths are exact in binary, tenths are not
    classes = 1 + random.next(6)
    with_objects = max(1, classes - random.next(3))
    images = []
    for i in range(1 + random.next(12)):
        objects = []
        for _ in range(random.next(7)):
            again = objects and random.next(2) == 0
            where = moved(random, objects[-1][0], grid) if again else box(random, grid)
            label = objects[-1][1] if again else random.next(with_objects)
            crowd = random.next(5) == 0
            area = where[2] * where[3]
            if random.next(3) == 0:
                area = area * (50 + random.next(51)) / 100
            objects.append((where, label, crowd, area))
        found = []
        for where, label, crowd, _ in objects:
            for _ in range(random.next(5 if crowd else 3)):
                score = random.next(32) / 32
                wrong = random.next(6) == 0
                found.append((moved(random, where, grid), random.next(classes) if wrong else label, score))
        many = seed % 10 == 3 and i == 0
        for _ in range(150 if many else random.next(4)):
            found.append((box(random, grid), 0 if many else random.next(classes), random.next(32) / 32))
        images.append(((i * 7919) % 1009 + 1, objects, found))
    return classes, images


def coco(classes, images, curves):
    annotations = []
    results = []
    for image, objects, found in images:
        for where, label, crowd, area in objects:
            annotations.append(
                {"id": len(annotations) + 1, "image_id": image, "category_id": label, "bbox": where, "area": area,
                 "iscrowd": int(crowd)}
            )
        for where, label, score in found:
            results.append({"image_id": image, "category_id": label, "bbox": where, "score": score})
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {
            "info": {},
            "images": [{"id": image} for image, _, _ in images],
            "categories": [{"id": c} for c in range(classes)],
            "annotations": annotations,
        }
        truth.createIndex()
        if not results:  # loadRes fails on none
            results.append({"image_id": images[0][0], "category_id": classes, "bbox": [0, 0, 1, 1], "score": 1})
        evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    precision = evaluation.eval["precision"]  # (T, R, K, A, M)
    recall = evaluation.eval["recall"]  # (T, K, A, M)

    def of_class(values):
        return [float(values[:, k].mean()) for k in range(classes)]

    out = {
        "figures": evaluation.stats.tolist(),
        "ap": of_class(precision[:, :, :, 0, 2].reshape(-1, classes)),
        "ap50": of_class(precision[0, :, :, 0, 2]),
        "ap75": of_class(precision[5, :, :, 0, 2]),
        "ar100": of_class(recall[:, :, 0, 2]),
    }
    if curves:
        out["curves50"] = precision[0, :, :, 0, 2].T.tolist()
    return out


def iou(a, b):
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    common = max(width, 0) * max(height, 0)
    return common / (a[2] * a[3] + b[2] * b[3] - common)


def voc(classes, images):
    """VOCdevkit's VOCevaldet.m and VOCap.m."""
    eleven = []
    continuous = []
    for c in range(classes):
        found = []
        truth = {}
        for image, objects, detections in sorted(images):
            truth[image] = [[where, hard, False] for where, label, hard, _ in objects if label == c]
            found += [(image, where, score) for where, label, score in detections if label == c]
        found.sort(key=lambda d: -d[2])
        count = sum(not hard for objects in truth.values() for _, hard, _ in objects)
        tp = np.zeros(len(found))
        fp = np.zeros(len(found))
        for d, (image, where, _) in enumerate(found):
            best = -np.inf
            match = None
            for candidate in truth[image]:
                overlap = iou(where, candidate[0])
                if overlap > best and overlap > 0:
                    best = overlap
                    match = candidate
            if best >= 0.5:
                if not match[1]:
                    if not match[2]:
                        tp[d] = 1
                        match[2] = True
                    else:
                        fp[d] = 1
            else:
                fp[d] = 1
        if count == 0:
            eleven.append(-1)
            continuous.append(-1)
            continue
        fp = np.cumsum(fp)
        tp = np.cumsum(tp)
        rec = tp / count
        prec = np.divide(tp, fp + tp, out=np.zeros_like(tp), where=fp + tp > 0)
        ap = 0
        for t in np.arange(0.0, 1.1, 0.1):  # as py-faster-rcnn's voc_eval.py
            above = prec[rec >= t]
            ap += (above.max() if above.size else 0) / 11
        eleven.append(float(ap))
        mrec = np.concatenate([[0], rec, [1]])
        mpre = np.concatenate([[0], prec, [0]])
        for i in range(len(mpre) - 2, -1, -1):
            mpre[i] = max(mpre[i], mpre[i + 1])
        steps = np.nonzero(mrec[1:] != mrec[:-1])[0] + 1
        continuous.append(float(((mrec[steps] - mrec[steps - 1]) * mpre[steps]).sum()))
    return {"eleven": eleven, "continuous": continuous}


class ConfusionMatrix:
    """torchvision 0.22.1's references/segmentation/utils.py, without what it does between processes."""

    def __init__(self, num_classes):
        self.num_classes = num_classes
        self.mat = None

    def update(self, a, b):
        n = self.num_classes
        if self.mat is None:
            self.mat = torch.zeros((n, n), dtype=torch.int64, device=a.device)
        with torch.inference_mode():
            k = (a >= 0) & (a < n)
            inds = n * a[k].to(torch.int64) + b[k]
            self.mat += torch.bincount(inds, minlength=n**2).reshape(n, n)

    def compute(self, kind):
        h = self.mat.to(kind)
        acc_global = torch.diag(h).sum() / h.sum()
        acc = torch.diag(h) / h.sum(1)
        iu = torch.diag(h) / (h.sum(1) + h.sum(0) - torch.diag(h))
        return acc_global, acc, iu


def numbers(values):
    return [None if v != v else v for v in values.tolist()]


def segmentation(seed):
    random = Random(1000 + seed)
    classes = 2 + random.next(6)
    occurring = classes - random.next(2)
    matrix = ConfusionMatrix(classes)
    for _ in range(1 + random.next(5)):
        height = 1 + random.next(20)
        width = 1 + random.next(20)
        truth = []
        found = []
        for _ in range(height * width):
            label = 255 if random.next(8) == 0 else random.next(occurring)
            truth.append(label)
            found.append(label if label != 255 and random.next(3) > 0 else random.next(occurring))
        matrix.update(torch.tensor(truth), torch.tensor(found))
    out = {"counts": matrix.mat.tolist()}
    for name, kind in (("single", torch.float32), ("double", torch.float64)):
        accuracy, of_class, iou_of_class = matrix.compute(kind)
        out[name] = {
            "pixelAccuracy": accuracy.item(),
            "accuracy": numbers(of_class),
            "iou": numbers(iou_of_class),
            "meanIou": numbers(iou_of_class.mean().reshape(1))[0],
        }
    return out


def main():
    detection = []
    for seed in range(50):
        classes, images = scenes(seed)
        detection.append({**coco(classes, images, seed < 5), **voc(classes, images)})
    masks = [segmentation(seed) for seed in range(20)]
    path = pathlib.Path(__file__).parent.parent / "resources" / "golden" / "metrics.json"
    lines = [",\n".join(map(json.dumps, sets)) for sets in (detection, masks)]
    path.write_text('{"detection": [\n%s\n], "segmentation": [\n%s\n]}\n' % tuple(lines))


main()
