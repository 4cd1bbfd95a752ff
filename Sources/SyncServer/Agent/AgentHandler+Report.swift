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
        guard let report = request.report else { return answer(request, device) }
        let bound = NIOLoopBound(self, eventLoop: agents.loop)
        let loop = agents.loop
        service.engine.report(service.stored(request, report, of: device)) { outcome in
            loop.execute {
                switch outcome {
                case .success(let isNewer):
                    // Only the latest report may say what the device is.
                    if isNewer, let facts = report.facts {
                        service.engine.record(facts, of: device, report: report.number)
                    }
                    bound.value.answer(request, device)
                case .failure(let refusal): bound.value.answer(.problem(Problem(refusal)))
                }
            }
        }
    }

    /// Answers with what the device must hold now; the device may have changed while its report was written.
    private func answer(_ request: SyncRequest, _ known: Device) {
        let service = agents.service
        let snapshot = service.engine.snapshot
        guard let hash = known.credentialHash, let device = snapshot.world.device(credentialHash: hash) else {
            return answer(.problem(.unauthenticated))
        }
        switch service.engine.standing(of: device, in: snapshot) {
        case .unresolved(let version):
            let again = onLoop { $0.answer(request, device) }
            service.engine.whenResolved(version, in: snapshot) { _ in again() }
        case .document(let document):
            let current = service.current(snapshot, document)
            switch SyncDecision.decide(have: request.have, failed: service.failed(device), current: current) {
            case .unchanged:
                let tag = Cursor(epoch: current.epoch, held: request.have.digest, offered: document.digest)
                answer(
                    .sync(
                        "same", version: current.seq, tag: tag, after: ServerLimits.steadySeconds, epoch: current.epoch)
                )
            case .ahead:
                service.alarm(device, request.have, snapshot)
                answer(
                    .sync(
                        "ahead", version: current.seq, tag: nil, after: ServerLimits.aheadSeconds, epoch: current.epoch)
                )
            case .full: answer(full("full", document, current))
            case .reset: answer(full("reset", document, current))
            }
        }
    }
}
