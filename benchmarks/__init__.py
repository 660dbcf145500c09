"""What `make bench` measures: cxlab beside peers, in one run, on one machine."""
