from .feature_maps import FeatureMaps, map_features, mappable_features

__all__ = ["FeatureMaps", "map_features", "mappable_features"]
