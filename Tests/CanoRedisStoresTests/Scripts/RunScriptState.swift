/// The states of a run's hash that the tables of scripts begin with.
enum RunScriptState {
    static let key = "p:checkpoint:r"
    static let distant = "99999999999999"

    /// A run with one row, owned by `owner` in epoch 2.
    static func run(of owner: String?, lease: String? = distant, row: String = "row 0") -> [String: String] {
        var fields = ["epoch": "2", "0": row]
        fields["owner"] = owner
        if owner != nil { fields["lease"] = lease }
        return fields
    }
}
