import NIOCore
import NIOHTTP1
import SyncCore
import SyncEngine
import SyncProtocol

extension AgentHandler {
    /// `POST /v1/sync`: what the device has and reports; durable before it is answered.
    func report(_ headers: HTTPHeaders, _ body: ByteBuffer) {
        let service = agents.service
        let snapshot = service.engine.snapshot
        guard let device = service.device(authorization: headers.first(name: "authorization"), in: snapshot) else {
            return answer(.problem(.unauthenticated))
        }
        let request: SyncRequest
        do {
            request = try SyncRequest(try json(body))
        } catch {
            return answer(.problem(Problem(error)))
        }
        service.saw(device, request.have)
        guard request.report != nil || request.user != nil else { return answer(request, device, nil) }
        take(request, of: device)
    }

    /// Hands a request to the writer; what its user did is judged by the policy that is due now.
    private func take(_ request: SyncRequest, of device: Device) {
        let engine = agents.service.engine
        guard let user = request.user else { return submit(request, nil, device) }
        let snapshot = engine.snapshot
        switch engine.standing(of: device, in: snapshot) {
        case .unresolved(let version):
            let again = onLoop { $0.take(request, of: device) }
            engine.whenResolved(version, in: snapshot) { _ in again() }
        case .document(let document):
            let epoch = snapshot.world.epoch
            let exchange = UserExchange(
                edits: request.edits,
                statement: user.statement.map {
                    UserExchange.Statement(
                        epoch: $0.epoch, revision: user.revision ?? 0, number: $0.number, values: $0.document)
                }, isOfOtherEpoch: request.have.digest != nil && request.have.epoch != epoch, bounds: document.bounds)
            submit(request, exchange, device)
        }
    }

    private func submit(_ request: SyncRequest, _ user: UserExchange?, _ device: Device) {
        let service = agents.service
        let bound = NIOLoopBound(self, eventLoop: agents.loop)
        let loop = agents.loop
        let report = request.report.map { service.stored(request, $0, of: device) }
        service.engine.take(report, user, of: device) { outcome in
            loop.execute {
                switch outcome {
                case .success(let receipt):
                    // Only the latest report may say what the device is.
                    if receipt.isNewReport, let report = request.report, let facts = report.facts {
                        service.engine.record(facts, of: device, report: report.number)
                    }
                    bound.value.answer(request, device, receipt)
                case .failure(let refusal): bound.value.answer(.problem(Problem(refusal)))
                }
            }
        }
    }

    /// Answers with what the device must hold now; the device may have changed while its report was written.
    private func answer(_ request: SyncRequest, _ known: Device, _ receipt: DeviceReceipt?) {
        let service = agents.service
        let snapshot = service.engine.snapshot
        guard let hash = known.credentialHash, let device = snapshot.world.device(credentialHash: hash) else {
            return answer(.problem(.unauthenticated))
        }
        switch service.engine.standing(of: device, in: snapshot) {
        case .unresolved(let version):
            let again = onLoop { $0.answer(request, device, receipt) }
            service.engine.whenResolved(version, in: snapshot) { _ in again() }
        case .document(let document):
            let current = service.current(snapshot, device, document)
            let user = UserPart(request, receipt, snapshot.world, current)
            switch SyncDecision.decide(have: request.have, failed: service.failed(device), current: current) {
            case .unchanged, .userOnly:
                let tag = Cursor(
                    epoch: current.epoch, held: request.have.digest, offered: document.digest, user: user.revision)
                answer(
                    .sync(
                        "same", version: current.seq, tag: tag, after: ServerLimits.steadySeconds,
                        epoch: current.epoch, user: user))
            case .ahead:
                service.alarm(device, request.have, snapshot)
                answer(
                    .sync(
                        "ahead", version: current.seq, tag: nil, after: ServerLimits.aheadSeconds,
                        epoch: current.epoch, user: user))
            case .full: answer(full("full", document, current, user))
            case .reset: answer(full("reset", document, current, user))
            }
        }
    }
}
