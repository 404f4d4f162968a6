"""The edge: Envoy's configuration made from the plan, its admin interface, its process."""
