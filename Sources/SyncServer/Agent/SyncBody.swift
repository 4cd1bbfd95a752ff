import NIOCore
import SyncCore
import SyncEngine
import SyncProtocol

/// An answer of the sync routes that has a body.
struct SyncBody {
    /// What many devices are sent alike: a class's document, or what changed in it.
    enum Part {
        case document(Document)
        case delta(DeltaDocument)
    }

    let result: String
    let version: Seq
    let epoch: UInt64
    var tag: Cursor?
    let after: Int
    var part: Part?
    var user = UserPart.none

    /// - Parameter isPacked: whether the device takes gzip; what is small is sent as it is all the same.
    func answer(isPacked: Bool) -> AgentAnswer {
        var head = AgentAnswer.Head(.ok)
        head.add("content-type", "application/json")
        if let tag { head.add(tag: tag) }
        head.add("consigne-version", String(version))
        head.add("cache-control", AgentAnswer.privateCache)
        guard isPacked, case .document(let document)? = part, let packed = document.packed else {
            return AgentAnswer(head, body: [ByteBuffer(string: before), shared, ByteBuffer(string: behind)])
        }
        head.add("content-encoding", "gzip")
        return AgentAnswer(
            head, body: [GzipMember.around(packed, before: Array(before.utf8), behind: Array(behind.utf8))])
    }

    private var shared: ByteBuffer {
        switch part {
        case .document(let document)?: ByteBuffer(bytes: document.bytes)
        case .delta(let delta)?: ByteBuffer(bytes: delta.bytes)
        case nil: ByteBuffer()
        }
    }

    /// Members in the order of their names, up to the shared part.
    private var before: String {
        let start = "{\"after\":\(after),\"commands\":[],"
        return switch part {
        case .document(let document)?: start + "\"digest\":\"\(document.digest)\",\"document\":"
        case .delta?: start + "\"delta\":"
        case nil: start
        }
    }

    private var behind: String {
        var text =
            switch part {
            case .document?: ","
            case .delta(let delta)?: ",\"digest\":\"\(delta.to)\","
            case nil: ""
            }
        if !user.answers.isEmpty {
            text += "\"edits\":\(CanonicalWriter.text(of: .array(user.answers.map(\.json)))),"
        }
        text += "\"epoch\":\(epoch),\"result\":\"\(result)\""
        if let tag { text += ",\"tag\":\"\(tag)\"" }
        if let state = user.document { text += ",\"user\":\(CanonicalWriter.text(of: state))" }
        return text + ",\"version\":\(version)}"
    }
}
