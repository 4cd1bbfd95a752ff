import NIOCore
import SyncCore
import SyncEngine
import SyncProtocol

/// One `GET /v1/sync`, parked or about to be answered.
struct Poll {
    let credentialHash: Digest
    let device: DeviceID
    let tag: Cursor?
    let have: Have?
    let forms: RequestHeaders.Forms
    /// When a wait was asked for, its end.
    var deadline: NIODeadline?
    /// Of a check-in that asked for no wait.
    let headers: RequestHeaders?
}

/// A check-in that was answered with nothing new, and what it was answered from.
final class IdleCheckIn {
    let headers: RequestHeaders
    /// The position, not the World itself: a quiet connection must not keep an old one alive.
    let seq: Seq
    let device: Device
    let have: Have?
    let answer: AgentAnswer
    /// When the device was last noted as seen.
    var noted = NIODeadline.now()

    init(_ headers: RequestHeaders, at seq: Seq, _ device: Device, _ have: Have?, _ answer: AgentAnswer) {
        self.headers = headers
        self.seq = seq
        self.device = device
        self.have = have
        self.answer = answer
    }
}
