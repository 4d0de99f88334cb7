//! Which of the calls that wait is answered by an output that does not say.
//!
//! Input: the calls, in order, and an output without an id or with an unknown one. Output: the call, taken out. State: none.

use super::input_members::Member;
use super::item_types::Item;
use crate::json::Str;
use crate::json::tree::Node;
use std::collections::VecDeque;

/// How many open calls are looked through: parallel calls are few.
const LOOK_AHEAD: usize = 32;
const NAMESPACE: Member = Member::of("namespace");

/// An unknown id can only be that of a call that came without one; a name and a namespace those of the tool that was
/// called. `item`: the item of a call; `None` if it is answered already.
pub(super) fn take_next<'t: 'i, 'i, C: Copy>(
    queue: &mut VecDeque<C>,
    output: &Item<'t>,
    item: impl Fn(C) -> Option<&'i Item<'t>>,
) -> Option<C> {
    let tool = Tool::of(output);
    let first = |is_its: fn(&Tool<'t>, &Tool<'t>) -> bool| {
        queue.iter().take(LOOK_AHEAD).position(|call| {
            let open = item(*call).filter(|call| output.call_id().is_none() || call.call_id().is_none());
            open.is_some_and(|call| is_its(&tool, &Tool::of(call)))
        })
    };
    let nth = first(Tool::is).or_else(|| first(Tool::may_be))?;
    queue.remove(nth)
}

/// What an item says of its tool.
#[derive(PartialEq)]
struct Tool<'t> {
    name: Option<Str<'t>>,
    namespace: Option<Str<'t>>,
}

impl<'t> Tool<'t> {
    fn of(item: &Item<'t>) -> Self {
        let text = |member: Option<Node<'t>>| member.and_then(Node::as_str).filter(|text| !text.is_blank());
        Self { name: text(item.name()), namespace: text(item.get(NAMESPACE)) }
    }

    fn is(&self, other: &Self) -> bool {
        self.name.is_some() && self == other
    }

    /// What only one of them says is no contradiction: clients leave namespaces out.
    fn may_be(&self, other: &Self) -> bool {
        let agree = |own: Option<Str<'t>>, other| own.zip(other).is_none_or(|(own, other)| own == other);
        agree(self.name, other.name) && agree(self.namespace, other.namespace)
    }
}
