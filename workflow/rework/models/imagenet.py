"""How networks trained on ImageNet expect their pictures: values of 0..1, less this mean, divided by this deviation."""

# Of the pictures that torchvision's networks were trained on, per channel, as torchvision documents them.
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
