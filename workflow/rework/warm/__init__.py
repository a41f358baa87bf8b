"""Steps run in forks of one process that has already imported the large packages: this saves over a second per job.

Importing torch takes longer than most jobs of the sample edition compute. ``server`` imports once and forks for each
job; ``client`` is the job's own process, which hands its arguments over and waits. Without a server, or if the
server would not do exactly what a separate process would, the step runs in the client as if none of this existed.
"""
