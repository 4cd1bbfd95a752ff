extension Double {
    /// A length or a place in a drawing, to a tenth of its unit.
    var pixels: String {
        let tenths = (self * 10).rounded() / 10
        return tenths == tenths.rounded() ? String(Int(tenths)) : String(tenths)
    }
}
