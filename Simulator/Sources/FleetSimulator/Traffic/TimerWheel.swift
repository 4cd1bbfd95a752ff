/// Times at which something is due, for very many at once: to add one and to take it costs the same however many wait.
///
/// A pure machine: a ring of slots, one a tick; what is due in a later round stays in its slot until then.
struct TimerWheel<Entry> {
    private struct Waiting {
        let due: Int
        let entry: Entry
    }

    private var slots: [[Waiting]]
    /// The tick up to which everything was taken.
    private(set) var now = 0
    private(set) var count = 0

    init(slots: Int = 2_048) { self.slots = Array(repeating: [], count: slots) }

    /// - Parameter tick: when it is due; one that has passed counts as the next.
    mutating func add(_ entry: Entry, at tick: Int) {
        let due = max(tick, now + 1)
        slots[due % slots.count].append(Waiting(due: due, entry: entry))
        count += 1
    }

    /// What was due until a tick, the earlier first.
    mutating func advance(to tick: Int) -> [Entry] {
        var taken: [Entry] = []
        while now < tick {
            now += 1
            let slot = now % slots.count
            guard !slots[slot].isEmpty else { continue }
            var later: [Waiting] = []
            for waiting in slots[slot] {
                if waiting.due == now { taken.append(waiting.entry) } else { later.append(waiting) }
            }
            slots[slot] = later
        }
        count -= taken.count
        return taken
    }

    mutating func removeAll() {
        for slot in slots.indices { slots[slot] = [] }
        count = 0
    }
}
