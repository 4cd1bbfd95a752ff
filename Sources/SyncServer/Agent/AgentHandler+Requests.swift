import NIOCore
import NIOHTTP1
import SyncCore
import SyncEngine
import SyncProtocol

/// How a request comes in: what is refused by its head alone is refused before its body is read.
extension AgentHandler {
    func take(_ part: HTTPServerRequestPart) {
        switch (part, state) {
        case (.head(let head), .idle): begin(head)
        case (.body(let part), .receiving(let body, let since)): receive(part, behind: body, since: since)
        case (.end, .receiving(let body, _)):
            isBodyDue = false
            complete(body)
        // The rest of a body that was refused already.
        case (.end, .idle): isBodyDue = false
        case (_, .closing), (_, .draining): passOver(part)
        default: break
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        let headers = RequestHeaders(head.headers)
        let endsDecoding = head.method == .CONNECT || headers.asksForUpgrade
        // HTTP/1.0 has no connection that stays unless both say so; we never do.
        keepsAlive =
            head.isKeepAlive && head.version.isPersistent && !endsDecoding && !agents.isDraining && !isShed
        isHeadOnly = head.method == .HEAD
        isBodyDue = headers.announcesBody
        forwarded = headers.forwarded
        do throws(Problem) {
            request = try admitted(head, headers)
            state = .receiving(ByteBuffer(), since: .now())
            if headers.waitsToContinue, head.version.isPersistent { sayContinue() }
        } catch {
            // A short body is passed over; a long one, or one that is held back, is not waited for.
            let isShort = headers.transferCoding == nil && headers.length ?? 0 <= WireLimits.deviceBodyBytes
            keepsAlive = keepsAlive && isShort && !headers.waitsToContinue
            answer(.problem(error))
        }
    }

    /// The request, if its head shows no reason to refuse it.
    private func admitted(_ head: HTTPRequestHead, _ headers: RequestHeaders) throws(Problem) -> AgentRequest {
        guard !isShed else { throw .noRoom(retryAfter: agents.placeInLine()) }
        let request = try AgentRequest(head, headers)
        guard request.writes else { return request }
        if case .report = request.route, device(headers) == nil { throw stranger(headers) }
        guard agents.hasPlace else { throw .overloaded(retryAfter: agents.placeInLine()) }
        return request
    }

    private func sayContinue() {
        context?.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
    }

    private func receive(_ part: ByteBuffer, behind body: ByteBuffer, since: NIODeadline) {
        let count = part.readableBytes
        var (part, body) = (part, body)
        guard body.readableBytes + count <= WireLimits.deviceBodyBytes else {
            keepsAlive = false
            return answer(.problem(.bodyTooLarge(WireLimits.deviceBodyBytes)))
        }
        guard agents.hold(count) else {
            keepsAlive = false
            return answer(.problem(.overloaded(retryAfter: agents.placeInLine())))
        }
        held += count
        // Nearly always all of it came with one read.
        if body.readableBytes == 0 { body = part } else { body.writeBuffer(&part) }
        state = .receiving(body, since: since)
    }

    /// Takes a whole request. Only now it has a place: who sends a head and no body keeps nobody out.
    private func complete(_ body: ByteBuffer) {
        guard let request else { return }
        self.request = nil
        state = .answering
        guard !request.writes || enter() else { return }
        handle(request, body)
    }

    /// The device that asks.
    private func device(_ headers: RequestHeaders) -> Device? {
        Bearer.hash(of: headers.authorization).flatMap { known.device($0, in: agents.service.engine.snapshot) }
    }

    /// What is said to who is no device. A proxy that takes off `Authorization` would silence a fleet: to ask without it has
    /// a code that no agent stops at, and a warning.
    func stranger(_ headers: RequestHeaders) -> Problem {
        guard headers.authorization == nil else { return .unauthenticated }
        agents.service.warnCredentialMissing(from: IPAddress(context?.remoteAddress), client: client)
        return .credentialMissing
    }
}
