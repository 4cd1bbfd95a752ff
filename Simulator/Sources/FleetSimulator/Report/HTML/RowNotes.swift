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
            sentence: "How long it takes from an operator's push until every handset it concerns has been sent it."),
        "push-proven": Note(
            title: "Push until proven",
            sentence: "How long it takes from an operator's push until every handset it concerns has proved, with the "
                + "digest of its document, that it holds it."),
        "start-up": Note(
            title: "Start of the server",
            sentence: "How long a server that was stopped takes to read its store and answer the first handset."),
        "class-resolution": Note(
            title: "Resolving a class",
            sentence: "Classes whose policies are resolved in a second; the handsets to which the same policies apply "
                + "are one class and share one document."),
        "idle-bytes": Note(
            title: "Bytes of a check-in with nothing new",
            sentence: "What goes over the network, both ways, when a handset checks in and there is nothing for it."),
        "push-bytes": Note(
            title: "Bytes of a push",
            sentence: "What goes over the network, both ways, to bring one change to one handset."),
        "handset-memory": Note(
            title: "Memory of an enrolled handset",
            sentence: "What one more enrolled handset adds to the server's memory while it is not connected."),
    ]
}
