"""Notebooks that start at once: kernels are forked from a process that has imported everything already.

Owner:  the server or command that starts kernels, and the warm process with its first one
Warm:   one process per owner, without a thread; it forks a kernel for each request
Kernel: an ordinary ipykernel that ends with its owner
"""

from cxlab.publish.warm.folders import use_warm_kernels
from cxlab.publish.warm.owner import WarmProcess, start_warm, stop_warm, warm_process

__all__ = ["WarmProcess", "start_warm", "stop_warm", "use_warm_kernels", "warm_process"]
