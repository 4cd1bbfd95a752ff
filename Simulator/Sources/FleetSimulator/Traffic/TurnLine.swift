import DequeModule

/// Whose turn it is where many handsets share a connection: only so many ask at once, each in the order in which it came.
///
/// A turn is a whole circle: the handsets of a connection ask one after the other, each once. If all connections asked
/// at once, some would run ahead of others by several circles, and the server's answers would be read long after they
/// came.
struct TurnLine {
    /// Requests under way on one loop: enough to keep the server busy and to let it write a hundred reports at once,
    /// few enough that what a request touched is still in the processor's caches when its answer comes.
    private static let places = 128

    private var waiting: Deque<HandsetConnection> = []
    private var holders: Set<ObjectIdentifier> = []

    /// Asks for the next turn. The turn is taken in its time.
    mutating func ask(_ connection: HandsetConnection) {
        waiting.append(connection)
        admit()
    }

    /// A turn is over; nothing to do for one that had none.
    mutating func done(_ connection: HandsetConnection) {
        guard holders.remove(ObjectIdentifier(connection)) != nil else { return }
        admit()
    }

    /// Another phase begins: nobody waits, and nobody holds a place in it.
    mutating func removeAll() { self = TurnLine() }

    private mutating func admit() {
        while holders.count < Self.places, let next = waiting.popFirst() {
            holders.insert(ObjectIdentifier(next))
            next.takeTurnSoon()
        }
    }
}
