#!/bin/sh
# Install SLURM for tests/cluster if this user may, or say how. Nothing is started or configured: each test run starts its
# own scheduler in a temporary folder. Called by 'make test-cluster'.
set -eu

PACKAGES="slurmctld slurmd slurm-client munge"
PATH="$PATH:/usr/sbin:/sbin"

has_slurm() {
    for program in slurmctld slurmd munged sbatch srun squeue; do
        command -v "$program" >/dev/null || return 1
    done
}

has_slurm && exit
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    printf 'error: the tests need SLURM: run %s, then make again\n' "'sudo apt-get install $PACKAGES'" >&2
    exit 1
fi
echo "installing $PACKAGES"
# On a fresh machine, an unattended upgrade often holds apt's lock for some minutes.
WAIT="-o DPkg::Lock::Timeout=600"
# shellcheck disable=SC2086 # lists of words
apt-get $WAIT update -qq &&
    DEBIAN_FRONTEND=noninteractive apt-get $WAIT install -qq -y --no-install-recommends $PACKAGES >/dev/null
