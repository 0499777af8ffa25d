# A static binary in an empty image, run by nobody in particular.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /stempel ./cmd/stempel

FROM scratch
COPY --from=build /stempel /stempel
USER 65534:65534
EXPOSE 8080
ENTRYPOINT ["/stempel"]
CMD ["serve"]
