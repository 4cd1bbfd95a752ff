/// The form in which a store keeps a user document.
extension UserDocument {
    public var json: JSONValue {
        .object([
            "enrolment": .integer(Int64(enrolment)), "epoch": .integer(Int64(epoch)),
            "number": .integer(Int64(number)), "revision": .integer(Int64(revision)),
            "cells": cellsJSON, "siblings": .array(siblings.map(\.json)),
            "answered": .array(answered.map(\.json)),
        ])
    }

    /// What is set and by whom.
    var cellsJSON: JSONValue {
        .array(CanonicalSet.sorted(cells.map { place, cell in CellRecord(place: place, cell: cell).json }))
    }

    /// Reads what `json` wrote; nil for anything else.
    public init?(_ json: JSONValue) {
        guard let enrolment = json["enrolment"]?.position, let epoch = json["epoch"]?.position,
            let number = json["number"]?.position, let revision = json["revision"]?.position,
            let cells = json["cells"]?.array?.map({ CellRecord($0) }),
            let siblings = json["siblings"]?.array?.map({ Sibling($0) }),
            let answered = json["answered"]?.array?.map({ Answered($0) }),
            !cells.contains(nil), !siblings.contains(nil), !answered.contains(nil)
        else { return nil }
        self.init(enrolment: enrolment, epoch: epoch)
        self.number = number
        self.revision = revision
        for record in cells.compactMap({ $0 }) { put(record.cell, at: record.place) }
        self.siblings = siblings.compactMap { $0 }
        self.answered = answered.compactMap { $0 }
    }
}

/// One place with its writes.
private struct CellRecord: Hashable {
    let place: UserPlace
    let cell: UserCell

    init(place: UserPlace, cell: UserCell) {
        self.place = place
        self.cell = cell
    }

    init?(_ json: JSONValue) {
        guard let key = json["key"]?.string else { return nil }
        place = UserPlace(key: key, member: json["member"], field: json["field"]?.string)
        cell = UserCell(
            device: json["device"].flatMap { UserCell.Write($0) }, log: json["log"].flatMap { UserCell.Write($0) })
    }

    var json: JSONValue {
        var members: [String: JSONValue] = ["key": .string(place.key)]
        members["member"] = place.member
        members["field"] = place.field.map(JSONValue.string)
        members["device"] = cell.device?.json
        members["log"] = cell.log?.json
        return .object(members)
    }
}

extension UserCell {
    /// Bytes that it takes where the document is stored, the comma behind it among them.
    func storedBytes(at place: UserPlace) -> Int {
        CanonicalWriter.count(of: CellRecord(place: place, cell: self).json) + 1
    }
}

extension UserCell.Write {
    fileprivate init?(_ json: JSONValue) {
        guard let own = json["own"]?.position, let seen = json["seen"]?.position else { return nil }
        self.init(value: json["value"], own: own, seen: seen)
    }

    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = ["own": .integer(Int64(own)), "seen": .integer(Int64(seen))]
        members["value"] = value
        return .object(members)
    }
}

extension UserDocument.Sibling {
    fileprivate init?(_ json: JSONValue) {
        guard let edit = UserEdit(json), let reason = json["reason"]?.string.flatMap(UserRejection.Reason.init) else {
            return nil
        }
        self.init(edit: edit, number: json["n"]?.position ?? 0, claimed: json["at"]?.integer, reason: reason)
    }

    /// As operators and devices are shown it, too.
    public var json: JSONValue {
        var members = edit.members
        members["reason"] = .string(reason.rawValue)
        if number > 0 { members["n"] = .integer(Int64(number)) }
        members["at"] = claimed.map(JSONValue.integer)
        return .object(members)
    }
}

extension UserDocument.Answered {
    fileprivate init?(_ json: JSONValue) {
        guard let number = json["n"]?.position, let fingerprint = json["edit"]?.string else { return nil }
        let reason = json["reason"]?.string.flatMap(UserRejection.Reason.init)
        self.init(
            number: number, fingerprint: fingerprint,
            rejection: reason.map { UserRejection($0, expected: json["expected"]?.string ?? "") })
    }

    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = ["n": .integer(Int64(number)), "edit": .string(fingerprint)]
        members["reason"] = rejection.map { .string($0.reason.rawValue) }
        members["expected"] = rejection.map { .string($0.expected) }
        return .object(members)
    }
}

extension JSONValue {
    fileprivate var position: UInt64? { integer.flatMap { UInt64(exactly: $0) } }
}
