import FluxFormat
import FluxReplay
import HTTPTypes
import HummingbirdCore
import NIOCore

/// Answers HTTP requests from a playback session.
struct PlaybackResponder: Sendable {
    let session: PlaybackSession
    /// The status of the answer to a request that was never recorded.
    let missStatus: Int
    /// Called with every miss, as it happens.
    let onMiss: @Sendable (PlaybackMiss) -> Void
    /// Called with the reason of every request that could not even be looked up.
    let onRefusal: @Sendable (String) -> Void

    private static let targetField = HTTPField.Name(RequestTargetHandler.headerName)

    /// Reads a request and writes its answer.
    @concurrent
    func respond(_ request: Request, _ writer: consuming ResponseWriter) async throws {
        if request.headers[.expect]?.lowercased() == "100-continue" {
            try await writer.writeInformationalHead(HTTPResponse(status: .continue))
        }
        let answer: PlaybackAnswer
        do {
            let body = try await request.body.collect(upTo: FormatLimit.eventByteCountMax)
            answer = self.answer(to: request.head, body: Array(body.readableBytesView))
        } catch is NIOTooManyBytesError {
            answer = refuse(
                413, "no recording has a body of more than \(FormatLimit.eventByteCountMax >> 20) MiB")
        }
        try await writer.write(
            response: Self.head(of: answer), body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }

    private func answer(to head: HTTPRequest, body: [UInt8]) -> PlaybackAnswer {
        let target = Self.targetField.flatMap { head.headerFields[$0] } ?? ""
        switch RequestTarget(method: head.method.rawValue, target: target, host: head.authority) {
        case .tunnel(let host):
            return refuse(
                501, "no tunnel is made to \(host); ask for /https/HOST/PATH here instead, as with a base URL")
        case .url(let url):
            let headers = head.headerFields.filter { $0.name != Self.targetField }
                .map { HTTPHeader($0.name.rawName, $0.value) }
            let request = HTTPRequestRecord(
                method: head.method.rawValue, url: url, headers: headers, body: body.isEmpty ? nil : body)
            switch session.answer(to: request) {
            case .answer(let answer): return answer
            case .miss(let miss):
                onMiss(miss)
                return miss.answer(status: missStatus)
            }
        }
    }

    private func refuse(_ status: Int, _ message: String) -> PlaybackAnswer {
        onRefusal(message)
        return PlaybackAnswer(status: status, json: .members(["error": .text("refused"), "message": .text(message)]))
    }

    private static func head(of answer: PlaybackAnswer) -> HTTPResponse {
        var fields = HTTPFields()
        for header in answer.headers {
            // The answer has only names that are valid.
            guard let name = HTTPField.Name(header.name) else { continue }
            fields.append(HTTPField(name: name, value: header.value))
        }
        return HTTPResponse(status: .init(code: answer.status, reasonPhrase: answer.reason), headerFields: fields)
    }
}
