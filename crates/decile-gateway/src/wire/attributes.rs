//! What attributes of an order are called that this gateway does not have, in both dialects.

/// The fields of an order in protobuf that would change what it does, and their names.
const NAMED: [(u32, &str); 77] = [
    (7, "Display Size"),
    (13, "Settling Firm"),
    (14, "Clearing Account"),
    (16, "All Or None"),
    (17, "Block Order"),
    (18, "Hidden"),
    (20, "Sweep To Fill"),
    (21, "Percent Offset"),
    (24, "Minimum Quantity"),
    (25, "Good After Time"),
    (26, "Good Till Date"),
    (29, "Rule 80A"),
    (32, "Active Start Time"),
    (33, "Active Stop Time"),
    (34, "Allocation Group"),
    (35, "Allocation Method"),
    (36, "Allocation Percentage"),
    (37, "Volatility"),
    (39, "Continuous Update"),
    (41, "Delta Neutral Order Type"),
    (42, "Delta Neutral Aux Price"),
    (43, "Delta Neutral Contract Id"),
    (44, "Delta Neutral Open Close"),
    (45, "Delta Neutral Short Sale"),
    (46, "Delta Neutral Short Sale Slot"),
    (47, "Delta Neutral Designated Location"),
    (48, "Scale Initial Size"),
    (49, "Scale Size"),
    (50, "Scale Price Increment"),
    (51, "Scale Price Adjust Value"),
    (52, "Scale Price Adjust Interval"),
    (53, "Scale Profit Offset"),
    (54, "Scale Auto Reset"),
    (55, "Scale Initial Position"),
    (56, "Scale Initial Fill Quantity"),
    (57, "Scale Random Percent"),
    (58, "Scale Table"),
    (59, "Hedge Type"),
    (60, "Hedge Parameter"),
    (61, "Algo Strategy"),
    (62, "Algo Parameters"),
    (63, "Algo Id"),
    (64, "Smart Routing Parameters"),
    (67, "Override Percentage Constraints"),
    (68, "Open Close"),
    (71, "Designated Location"),
    (73, "Delta Neutral Settling Firm"),
    (74, "Delta Neutral Clearing Account"),
    (75, "Delta Neutral Clearing Intent"),
    (76, "Discretionary Amount"),
    (77, "Opt Out Of Smart Routing"),
    (78, "Starting Price"),
    (79, "Stock Reference Price"),
    (80, "Delta"),
    (81, "Stock Range Lower"),
    (82, "Stock Range Upper"),
    (83, "Not Held"),
    (84, "Order Misc Options"),
    (85, "Solicited"),
    (86, "Randomize Size"),
    (87, "Randomize Price"),
    (88, "Reference Contract Id"),
    (89, "Pegged Change Amount"),
    (90, "Pegged Change Amount Decrease"),
    (91, "Reference Change Amount"),
    (92, "Reference Exchange"),
    (93, "Adjusted Order Type"),
    (94, "Trigger Price"),
    (95, "Adjusted Stop Price"),
    (96, "Adjusted Stop Limit Price"),
    (97, "Adjusted Trailing Amount"),
    (99, "Limit Price Offset"),
    (100, "Condition"),
    (101, "Conditions Cancel Order"),
    (102, "Conditions Ignore Regular Hours"),
    (103, "Model Code"),
    (105, "Soft Dollar Tier"),
];

/// The rest of them, which came later.
const NAMED_LATER: [(u32, &str); 23] = [
    (106, "Cash Quantity"),
    (112, "OMS Container"),
    (113, "Discretionary Up To Limit Price"),
    (116, "Reference Futures Contract Id"),
    (117, "Auto Cancel Parent"),
    (119, "Imbalance Only"),
    (123, "Duration"),
    (124, "Post To ATS"),
    (125, "Advanced Error Override"),
    (126, "Manual Order Time"),
    (127, "Minimum Trade Quantity"),
    (130, "Mid Offset At Whole"),
    (131, "Mid Offset At Half"),
    (133, "Professional Customer"),
    (134, "Bond Accrued Interest"),
    (135, "Include Overnight"),
    (138, "Deactivate"),
    (139, "Post Only"),
    (140, "Allow Pre Open"),
    (141, "Ignore Opening Auction"),
    (144, "Maximum Hedge Size"),
    (145, "Conditions Include Overnight"),
    // Of text alone, and gone from it since version 177.
    (u32::MAX, "Allocation Profile"),
];

fn all() -> impl Iterator<Item = &'static (u32, &'static str)> {
    NAMED.iter().chain(&NAMED_LATER)
}

/// Returns what the field of an order is called.
pub(super) fn name(field: u32) -> Option<&'static str> {
    all().find(|(number, _)| *number == field).map(|(_, name)| *name)
}

/// Returns of two attributes the one that an order is refused for, whatever the dialect: that of
/// the lower field.
pub(super) fn first(one: &'static str, other: &'static str) -> &'static str {
    let field = |name: &str| all().find(|(_, other)| *other == name).map(|(number, _)| *number);
    if field(other) < field(one) { other } else { one }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_one_name() {
        let fields: Vec<u32> = all().map(|(field, _)| *field).collect();
        assert!(fields.is_sorted_by(|one, other| one < other), "{fields:?}");
        assert_eq!(name(68), Some("Open Close"));
        assert_eq!(name(1), None);
        assert_eq!(first("Not Held", "Hedge Type"), "Hedge Type");
        assert_eq!(first("Hedge Type", "Not Held"), "Hedge Type");
    }
}
