import FluxLog
