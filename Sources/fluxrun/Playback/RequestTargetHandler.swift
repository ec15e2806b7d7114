import NIOCore
import NIOHTTP1

/// Keeps the target of a request as the client spelled it.
///
/// The types of swift-http-types have no place for it: they cut the host off an absolute target. It goes through as a
/// header of a name that no client can send, for the handler drops it from what comes in.
final class RequestTargetHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    /// The header's name.
    static let headerName = "fluxrun-request-target"

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        head.headers.replaceOrAdd(name: Self.headerName, value: head.uri)
        // What follows in the pipeline would change it.
        head.uri = "/"
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }
}
