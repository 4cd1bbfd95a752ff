/// What each row of a bench measures, in words for people who did not write it.
enum RowNotes {
    struct Note: Sendable {
        let title: String
        let sentence: String
    }

    /// A row that is not listed is called by its name.
    static func note(for name: String) -> Note {
        let words = name.split(separator: "-").joined(separator: " ")
        return notes[name] ?? Note(title: words.prefix(1).uppercased() + words.dropFirst(), sentence: "")
    }

    static let notes: [String: Note] = [
        "idle-check-in": Note(
            title: "Check-in with nothing new",
            sentence: "Check-ins that find nothing new, device authentication included, for each second of the "
                + "server's processor time. The ceiling is bare SwiftNIO that gives all of them a fixed answer."),
        "full-answer": Note(
            title: "Check-in that brings the whole document",
            sentence: "Check-ins answered with a handset's whole policy document, for each second of the server's "
                + "processor time."),
        "delta-answer": Note(
            title: "Check-in that brings what changed",
            sentence: "Check-ins answered with only what changed since the document that the handset holds, for each "
                + "second of the server's processor time."),
        "parked-memory": Note(
            title: "Memory of a waiting handset",
            sentence: "What one more handset that waits for news on an open connection adds to the server's memory."),
        "wake-all": Note(
            title: "Waking everybody",
            sentence: "How long it takes to answer all handsets that wait when one push concerns every one of them."),
        "durable-reports": Note(
            title: "Reports kept for good",
            sentence: "Reports acknowledged in a second, each of them safe on disk before its handset is told so."),
        "push-ack-flatness": Note(
            title: "Acknowledging a push to a whole fleet",
            sentence: "How long an operator waits for a policy put and bound at the root of the tree, with 126,000 "
                + "handsets enrolled. The ceiling is the same with 1,000: it must not grow with the fleet."),
        "push-held": Note(
            title: "Push until held",
            sentence: "From an operator's push of one setting until the last of 126,000 polling handsets holds it. The "
                + "ceiling is 126,000 whole documents at the rate of a small server, measured just before each push."),
        "push-proven": Note(
            title: "Push until proven",
            sentence: "The same until the server has, on disk, the last handset's report with the digest of what it "
                + "holds. The ceiling is as many documents and reports at the rates of a small server, measured just "
                + "before each push."),
        "start-up": Note(
            title: "Start of the server",
            sentence: "From the start of the process until it serves 126,000 devices, with 100,000 policy entries more "
                + "in its log."),
        "class-resolution": Note(
            title: "Resolving a class",
            sentence: "The server's processor time for each policy class after an edit of the baseline, one handset in "
                + "each, with 4,000 classes. The ceiling is the same with 1,000: it must grow with classes alone."),
        "idle-bytes": Note(
            title: "Bytes of an answer with nothing new",
            sentence: "What the server sends, head and body, when there is nothing for a handset."),
        "push-bytes": Note(
            title: "Bytes of an answer with one setting changed",
            sentence: "What the server sends, head and body, to bring one changed setting to one handset."),
        "handset-memory": Note(
            title: "Memory of a connected handset",
            sentence: "What the simulator itself needs for one connected handset."),
        "tls-handset-memory": Note(
            title: "Memory of a handset connected with TLS",
            sentence: "The same over an encrypted connection, which keeps keys and buffers of its own."),
        "waiting-handset": Note(
            title: "Memory of a handset that waits its turn",
            sentence: "What the simulator itself needs for one handset without a connection of its own."),
        "status": Note(
            title: "How the fleet stands",
            sentence: "How long an operator waits for the status of 126,000 devices, of an agency or of a policy, the "
                + "slowest of the three."),
    ]
}
