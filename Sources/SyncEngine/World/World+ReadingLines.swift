import HashTreeCollections
import SyncCore

/// One line of a state, as members to ask for.
struct StateLine {
    let members: [String: JSONValue]

    init(_ json: JSONValue) { members = json.object ?? [:] }

    var kind: String { text("kind") ?? "" }
    var id: String { text("id") ?? "" }
    func text(_ name: String) -> String? { members[name]?.string }
    func integer(_ name: String) -> Int64? { members[name]?.integer }
    func seq(_ name: String) -> Seq? { integer(name).flatMap { Seq(exactly: $0) } }

    /// The thing as an entry of the log would have made it.
    func change(_ key: String) -> Change? {
        Change(Change.Line(subject: "\(kind)/\(id)", key: key, operation: .set, value: .object(members)))
    }
}

/// A line that no version up to this one writes.
struct UnreadableLine: Error, Hashable {
    /// From 1.
    let number: Int
    let problem: String

    var sentence: String { "line \(number): \(problem)" }
}

extension World {
    /// Reads back what `lines` wrote.
    init(lines: some Sequence<some Collection<UInt8>>, epoch: UInt64, catalog: Catalog) throws(UnreadableLine) {
        self.init(epoch: epoch, catalog: catalog)
        try take(lines) { line throws(UnreadableLine) in throw line }
    }

    /// Reads back what can be read of it, at the position that it is known to be of.
    ///
    /// - Parameter unreadable: what is missing, in order; line 1 where it does not say this position.
    init(
        readableOf lines: some Sequence<some Collection<UInt8>>, at seq: Seq, epoch: UInt64, catalog: Catalog,
        unreadable: inout [UnreadableLine]
    ) {
        self.init(epoch: epoch, catalog: catalog)
        take(lines) { unreadable.append($0) }
        guard self.seq != seq else { return }
        if unreadable.first?.number != 1 {
            unreadable.insert(UnreadableLine(number: 1, problem: "found \(self.seq), expected \(seq)"), at: 0)
        }
        (self.seq, devicesSeq, policySeq) = (seq, seq, seq)
    }

    private mutating func take<E: Error>(
        _ lines: some Sequence<some Collection<UInt8>>, passingOver: (UnreadableLine) throws(E) -> Void
    ) throws(E) {
        var head: StateLine?
        var number = 0
        for bytes in lines {
            number += 1
            do throws(UnreadableLine) {
                let line = try Self.line(bytes, number)
                if number == 1 {
                    try Self.check(line)
                    head = line
                } else if !take(line) {
                    throw UnreadableLine(number: number, problem: "nothing that this version knows")
                }
            } catch {
                try passingOver(error)
            }
        }
        if number == 0 { try passingOver(UnreadableLine(number: 1, problem: "there is no line")) }
        // Last, since what was taken counts as a change.
        seq = head?.seq("seq") ?? 0
        devicesSeq = seq
        policySeq = head?.seq("policySeq") ?? 0
        activatedCatalog = head?.text("catalog").flatMap { Digest($0) }
        spendRedeemed()
    }

    private static func line(_ bytes: some Collection<UInt8>, _ number: Int) throws(UnreadableLine) -> StateLine {
        do {
            return StateLine(try JSONReader.read(Array(bytes), within: .stored))
        } catch {
            throw UnreadableLine(number: number, problem: "\(error)")
        }
    }

    private static func check(_ head: StateLine) throws(UnreadableLine) {
        let format = head.integer("format")
        guard format == linesFormat else {
            throw UnreadableLine(number: 1, problem: "found format \(format ?? 0), expected \(linesFormat)")
        }
        guard head.seq("seq") != nil, head.seq("policySeq") != nil else {
            throw UnreadableLine(number: 1, problem: "expected seq and policySeq")
        }
    }

    /// Puts the thing of a line in its place; false for a line that is not understood.
    ///
    /// Devices come after the assignments, whose selectors say by which facts devices are sorted into cohorts.
    private mutating func take(_ line: StateLine) -> Bool {
        switch line.kind {
        case "unit": takeUnit(line)
        case "operator": takeOperator(line)
        case "formerOperator": OperatorName(line.id).map { operatorNames.insert($0).inserted } ?? false
        case "spentToken": Digest(line.id).map { spentTokens.insert($0).inserted } ?? false
        case "policy": takePolicy(line)
        case "setting": takeSetting(line)
        case "assignment": takeAssignment(line)
        case "token": takeToken(line)
        case "redemption": takeRedemption(line)
        case "device": takeDevice(line)
        default: false
        }
    }

    private mutating func takeUnit(_ line: StateLine) -> Bool {
        guard let path = OrgPath(line.id) else { return false }
        units.add(path)
        return units.id(of: path) != nil
    }

    private mutating func takePolicy(_ line: StateLine) -> Bool {
        guard let policy = Policy(line) else { return false }
        policies[policy.id] = policy
        policyIDs[policy.reference] = policy.id
        return true
    }

    private mutating func takeSetting(_ line: StateLine) -> Bool {
        guard let id = line.text("of").flatMap({ PolicyID($0) }), let setting = Policy.Setting(line) else {
            return false
        }
        policies[id]?.restore(setting, of: line.id)
        return policies[id] != nil
    }

    private mutating func takeAssignment(_ line: StateLine) -> Bool {
        guard case .bound(let id, let assignment) = line.change("bound") else { return false }
        bind(id, assignment)
        sortDevices()
        return true
    }

    private mutating func takeOperator(_ line: StateLine) -> Bool {
        guard case .operatorAppointed(let appointed, let hash) = line.change("appointed") else { return false }
        appoint(appointed, hash)
        return true
    }

    private mutating func takeToken(_ line: StateLine) -> Bool {
        guard let token = Token(line) else { return false }
        add(token)
        return true
    }

    private mutating func takeRedemption(_ line: StateLine) -> Bool {
        guard let credential = Digest(line.id),
            let hash = line.text("of").flatMap({ TokenID($0) }).flatMap({ tokenHashes[$0] }),
            let device = line.text("device").flatMap({ DeviceID($0) })
        else { return false }
        tokens[hash]?.redemptions.add(credential, device)
        return true
    }

    private mutating func takeDevice(_ line: StateLine) -> Bool {
        guard let device = Device(line, cohort: { cohorts.id(of: cohort(unit: $0, $1, $2)) }) else { return false }
        place(device)
        return true
    }

    /// Puts a device that was written down into every table that finds or counts it.
    mutating func place(_ device: Device) {
        put(device)
        // A retired terminal's serial number is free for another.
        if let serial = device.serial, device.state != .retired {
            serials[SerialNumber(serial, in: device.unit)] = device.id
        }
    }
}
