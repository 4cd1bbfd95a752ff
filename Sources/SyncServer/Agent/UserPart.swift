import SyncCore
import SyncEngine
import SyncProtocol

/// What an answer says of the user document: which revision the device holds after it, and what it is told.
struct UserPart {
    /// For the tag.
    let revision: Seq
    /// The document; nil where the device has it, or keeps none.
    var document: JSONValue?
    var answers: [UserAnswer] = []

    static let none = UserPart(revision: 0)

    /// Whether it says nothing that only this device may read.
    var isShared: Bool { document == nil && answers.isEmpty }

    init(revision: Seq) { self.revision = revision }

    init(_ document: UserDocument, _ catalog: Catalog) {
        revision = document.revision
        self.document = document.state(catalog)
    }

    /// The part of a `POST`: the document goes to who asks for it, states his own, sends edits, or holds another
    /// revision.
    init(_ request: SyncRequest, _ receipt: DeviceReceipt?, _ world: World, _ current: SyncDecision.Current) {
        answers = receipt?.answers ?? []
        guard let user = request.user, let document = receipt?.document else {
            // What it did not say that it has, its next check-in brings: an edit may have crossed this request.
            revision = request.user?.revision ?? 0
            return
        }
        revision = document.revision
        // Whoever sent edits learns what came of them together with what others did.
        if user.revision != document.revision || user.statement != nil || !request.edits.isEmpty {
            self.document = document.state(world.catalog)
        }
    }
}
