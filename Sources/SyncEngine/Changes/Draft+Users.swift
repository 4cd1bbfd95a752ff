import SyncCore

extension Draft {
    /// Changes what a device's user has set, as far as its policy leaves that to him.
    mutating func editUser(
        _ id: DeviceID, _ edit: UserEdit, _ seen: UInt64?, _ author: Operator
    ) throws(Refusal) {
        let device = try device(id, author)
        try check(.editUser(device.unit), author)
        guard device.state != .retired else { throw .notEnrolled(id, .retired) }
        let bounds = try userBounds(of: world.policyClass(of: device))
        do throws(UserRejection) {
            try bounds.check(edit, world.catalog)
        } catch {
            throw .userEditRefused(id, edit, error)
        }
        add(.userEdited(id, edit, seen: seen ?? 0))
    }

    /// What a class leaves to its users; resolved once a change set.
    private mutating func userBounds(of policyClass: PolicyClass) throws(Refusal) -> UserBounds {
        let version = world.version(of: policyClass)
        if let known = resolvedBounds[version] { return known }
        let resolution = world.resolve(policyClass)
        try spend(resolution.settings.count * Limits.workOfResolvedSetting)
        let bounds = UserBounds(resolution, world.catalog)
        resolvedBounds[version] = bounds
        return bounds
    }

    /// Hands what was set on one device to the one that takes its place.
    mutating func replace(_ old: DeviceID, with new: DeviceID, _ author: Operator) throws(Refusal) {
        let (from, to) = (try device(old, author), try device(new, author))
        try check(.replaceDevice(from: from.unit, to: to.unit), author)
        guard to.state != .retired else { throw .notEnrolled(new, to.state) }
        add(.deviceReplaced(new, old: old))
        if from.state == .enrolled {
            notes.append("\(old) is still enrolled: revoke or retire it when it is handed in")
        }
    }
}
