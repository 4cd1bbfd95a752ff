import NIOCore
import NIOHTTP1
import SyncCore
import SyncEngine
import SyncProtocol

/// One `POST /v1/sync`, until it is answered.
struct Statement {
    let request: SyncRequest
    /// The report as it was sent.
    let report: JSONValue?
    let forms: RequestHeaders.Forms
}

extension AgentHandler {
    /// `POST /v1/sync`: what the device has and reports; durable before it is answered.
    func report(_ headers: RequestHeaders, _ body: ByteBuffer) {
        let service = agents.service
        let snapshot = service.engine.snapshot
        guard let device = Bearer.hash(of: headers.authorization).flatMap({ known.device($0, in: snapshot) }) else {
            return answer(.problem(stranger(headers)))
        }
        guard isInPace(device, bytes: body.readableBytes) else { return }
        let request: SyncRequest
        let said: JSONValue?
        do {
            let json = try json(body)
            request = try SyncRequest(json)
            said = json["report"]
        } catch {
            return answer(.problem(Problem(error)))
        }
        service.paces.charge(device.id, edits: request.edits.count)
        // A report says all that a check-in does, once it is kept.
        if request.report == nil { service.saw(device, request.have) }
        let statement = Statement(request: request, report: said, forms: headers.forms)
        guard request.report != nil || request.user != nil else { return answer(statement, device, nil) }
        take(statement, of: device)
    }

    /// Whether a device may write again; answers where it may not.
    func isInPace(_ device: Device, bytes: Int) -> Bool {
        let service = agents.service
        guard let seconds = service.paces.take(device.id, bytes: bytes) else { return true }
        service.warnTooOften(device, from: client)
        answer(.problem(.tooOften(retryAfter: seconds)))
        return false
    }

    /// Hands a request to the writer; what its user did is judged by the policy that is due now.
    private func take(_ statement: Statement, of device: Device) {
        let engine = agents.service.engine
        let request = statement.request
        guard let user = request.user else { return submit(statement, nil, device) }
        let snapshot = engine.snapshot
        switch engine.standing(of: device, in: snapshot) {
        case .unresolved(let version):
            let again = onLoop { $0.take(statement, of: device) }
            engine.whenResolved(version, in: snapshot) { _ in again() }
        case .document(let document):
            let epoch = snapshot.world.epoch
            let exchange = UserExchange(
                edits: request.edits,
                statement: user.statement.map {
                    UserExchange.Statement(
                        epoch: $0.epoch, revision: user.revision ?? 0, number: $0.number, values: $0.document)
                }, isOfOtherEpoch: request.have.digest != nil && request.have.epoch != epoch,
                holdsNothing: user.statement == nil && (user.revision ?? 0) == 0, bounds: document.bounds)
            submit(statement, exchange, device)
        }
    }

    private func submit(_ statement: Statement, _ user: UserExchange?, _ device: Device) {
        let service = agents.service
        let bound = NIOLoopBound(self, eventLoop: agents.loop)
        let inbox = agents.inbox
        let request = statement.request
        service.engine.take(
            service.stored(statement, of: device), facts: request.report?.facts, user, of: device
        ) { outcome in
            inbox.put {
                switch outcome {
                case .success(let receipt):
                    if !receipt.isNewReport { service.saw(device, request.have) }
                    bound.value.answer(statement, device, receipt)
                case .failure(let refusal): bound.value.answer(.problem(Problem(refusal)))
                }
            }
        }
    }

    /// Answers with what the device must hold now; the device may have changed while its report was written.
    private func answer(_ statement: Statement, _ asked: Device, _ receipt: DeviceReceipt?) {
        let service = agents.service
        let snapshot = service.engine.snapshot
        guard let device = asked.credentialHash.flatMap({ known.device($0, in: snapshot) }) else {
            return answer(.problem(.unauthenticated))
        }
        switch service.engine.standing(of: device, in: snapshot) {
        case .unresolved(let version):
            let again = onLoop { $0.answer(statement, device, receipt) }
            service.engine.whenResolved(version, in: snapshot) { _ in again() }
        case .document(let document): answer(statement, device, receipt, document, in: snapshot)
        }
    }

    private func answer(
        _ statement: Statement, _ device: Device, _ receipt: DeviceReceipt?, _ document: Document,
        in snapshot: Snapshot
    ) {
        let service = agents.service
        let (have, forms) = (statement.request.have, statement.forms)
        let current = service.current(snapshot, device, document)
        let user = UserPart(statement.request, receipt, snapshot.world, current)
        switch SyncDecision.decide(have: have, failed: service.failed(device), current: current) {
        case .unchanged, .userOnly: answer(.same, forms, document, holding: have.digest, current, user)
        case .ahead:
            service.warnAhead(device, have, snapshot, from: client)
            let body = SyncBody(
                result: "ahead", version: current.seq, epoch: current.epoch, after: ServerLimits.aheadSeconds,
                user: user)
            answer(body.answer(isPacked: false))
        case .full:
            offer(document, have.digest, forms, current, user, in: snapshot) { $0.answer(statement, device, receipt) }
        case .reset: answer(.reset, forms, document, current, user)
        }
    }
}
