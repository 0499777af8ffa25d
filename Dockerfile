# A static binary in an empty image, run by nobody in particular. It needs no
# shell, no time zones and no writable root: all that it writes is in /data, and
# only when it keeps its own database. It is about 15 MB to pull (compressed, as
# registries show it) and below 40 MB unpacked, nearly all of it the program. A test
# builds and runs it in an empty root as this file says, and holds it to 40 MB.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# -s -w leaves out what only debuggers read; grpcnotrace leaves out the pages on
# which gRPC, which Google's packages bring, would show its calls: their templates
# would make the linker keep every method there is.
# -l in passes/web keeps the many small functions of markup as calls: 0.6 MB less.
RUN CGO_ENABLED=0 go build -tags grpcnotrace -trimpath -ldflags="-s -w" -gcflags=stempel/passes/web=-l -o /out/stempel ./cmd/stempel
RUN mkdir /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/stempel /stempel
# A new volume takes its owner from here.
COPY --from=build --chown=65532:65532 /out/data /data
ENV STEMPEL_LISTEN=0.0.0.0:8080
ENV STEMPEL_DATA=/data
# Where SQLite puts what does not fit into its memory.
ENV TMPDIR=/data
USER 65532:65532
VOLUME ["/data"]
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s --retries=3 CMD ["/stempel", "health"]
ENTRYPOINT ["/stempel"]
CMD ["serve"]
