"""Kinds of files people export, made from simulated lesions, each with its one right outcome."""
