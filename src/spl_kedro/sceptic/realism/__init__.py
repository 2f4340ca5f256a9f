"""How far simulated images are from real ones: measures of images, distances between sets."""
