"""Steps run by forks of one process that has imported the large packages already: a second and more saved per job.

Importing torch takes longer than most jobs of the sample edition compute. ``server`` imports once and forks for each
job; ``client`` is the job's own process, which hands its arguments over and waits. Without a server, or where the
server would not do exactly what a process of its own would, the step runs in the client as if none of this existed.
"""
