"""ImageNet-1k classification: readers, views, protocol."""
