"""What classification of images and of videos share: protocol values, examples, checks. No task by itself."""
