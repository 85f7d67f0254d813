# One static binary and nothing else: no shell, no libc, no package manager, no root.
# The context is a directory with `klamm` and `bin/` (links to it under the names people know): tests/cluster/image makes it.
FROM scratch
COPY klamm /klamm
COPY bin/ /bin/
ENV PATH=/bin
USER 65532:65532
ENTRYPOINT ["/klamm"]
