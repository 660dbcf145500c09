"""JupyterLab started by `cxlab lab`: the process that forks its kernels warms up while the page loads."""

from cxlab.publish.warm import start_warm

start_warm()
