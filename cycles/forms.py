"""What people fill in on the pages of the cycle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from catalog.models import Currency, Family, MappingProfile, Market
from catalog.registry import datasets
from catalog.services.imports.limits import LARGEST_BYTES
from cycles.calc.holding import Tolerance
from cycles.models import Assumption, Decision, Membership, User
from cycles.options import OptionRows
from cycles.policy import Action, Role, roles_for
from cycles.registry import audit_codes
from cycles.registry.effects import effect_of
from cycles.registry.metrics import metrics
from cycles.selectors import scope_of
from cycles.services.answers import Question
from cycles.services.assumptions import Measure, Statement
from cycles.services.mappings import AS_LAST_TIME, NONE
from cycles.workflow import StageKind


class DayInput(forms.DateInput):
    """A day as the browser's own calendar gives it."""

    input_type = "date"

    def __init__(self) -> None:
        """Write the value as ISO, which is what the browser's calendar reads."""
        super().__init__(format="%Y-%m-%d")


class StageForm(forms.Form):
    """The comment of a submission or approval, or the reason of a step back."""

    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False, label=_("Comment"))

    def __init__(self, *args: object, needs_reason: bool = False, **kwargs: object) -> None:
        """Ask for a reason where the step needs one."""
        super().__init__(*args, **kwargs)
        if needs_reason:
            self.fields["text"].label = _("Reason")
            self.fields["text"].required = True


class WaiverForm(forms.Form):
    """Why a blocking finding may pass."""

    code = forms.CharField(widget=forms.HiddenInput, max_length=80)
    subject = forms.CharField(widget=forms.HiddenInput, max_length=200)
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), label=_("Reason"))


class UploadForm(forms.Form):
    """One file for one dataset, and how its columns are read."""

    dataset = forms.ChoiceField(label=_("Dataset"))
    mapping = forms.ChoiceField(
        label=_("Mapping"),
        required=False,
        help_text=_("How the source's columns, numbers and days become the dataset's."),
    )
    file = forms.FileField(label=_("File"), help_text=_("CSV or XLSX up to 256 MB, JSON up to 16 MB."))

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer every registered dataset, in the order in which they load."""
        super().__init__(*args, **kwargs)
        self.fields["dataset"].choices = [(entry.name, entry.title) for entry in datasets()]
        saved = MappingProfile.objects.filter(is_withdrawn=False).values_list("name", "source", "dataset")
        self.fields["mapping"].choices = [
            (AS_LAST_TIME, _("As the last file of this name")),
            (NONE, _("None: the columns have the dataset's names")),
            *((name, f"{name} · {source} → {dataset}") for name, source, dataset in saved),
        ]

    def clean_file(self) -> UploadedFile:
        """Refuse what is too large before it is read."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is not None and file.size > LARGEST_BYTES:
            raise forms.ValidationError(_("The file is larger than 256 MB. Split it by period."))
        return file


class MappingForm(forms.Form):
    """One mapping as YAML, with the revision that its writer saw."""

    document = forms.CharField(
        label=_("Mapping (YAML)"),
        widget=forms.Textarea(attrs={"rows": 22, "class": "code", "spellcheck": "false"}),
        max_length=1_000_000,
        strip=False,
    )
    base_revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class MappingFileForm(forms.Form):
    """A mapping as a YAML file."""

    file = forms.FileField(label=_("YAML file"))


class AuditFilterForm(forms.Form):
    """What the audit page is narrowed to."""

    actor = forms.CharField(required=False, label=_("Who"), max_length=150)
    code = forms.ChoiceField(required=False, label=_("What"))
    plan = forms.ChoiceField(required=False, label=_("Plan"))
    subject = forms.CharField(required=False, label=_("Subject or reason"), max_length=100)
    since = forms.DateField(required=False, label=_("From"), widget=DayInput())
    until = forms.DateField(required=False, label=_("To"), widget=DayInput())

    def __init__(self, *args: object, plans: Iterable[str], **kwargs: object) -> None:
        """Offer every registered code, each family of codes as a whole, and the plans one may see."""
        super().__init__(*args, **kwargs)
        families = sorted({code.rsplit(".", 1)[0] for code in audit_codes()})
        wide = [(f"{family}.", _("%(family)s: all") % {"family": family}) for family in families]
        narrow = [(code, code) for code in audit_codes()]
        self.fields["code"].choices = [("", _("Everything")), *sorted([*wide, *narrow], key=lambda pair: pair[0])]
        self.fields["plan"].choices = [("", _("All")), *((number, number) for number in plans)]

    def clean(self) -> dict[str, object]:
        """A span has a beginning before its end."""
        chosen = super().clean() or self.cleaned_data
        since, until = chosen.get("since"), chosen.get("until")
        if since and until and since > until:
            self.add_error("until", _("This is before the first day."))
        return chosen


class PreferenceForm(forms.Form):
    """What a person prefers; either of the two may be sent alone."""

    theme = forms.ChoiceField(required=False, choices=[(name, name) for name in ("auto", "light", "dark")])
    display = forms.ChoiceField(required=False, choices=[(name, name) for name in ("units", "value")])


class MonthField(forms.CharField):
    """A month as YYYY-MM; cleaned it is the first day, None when blank."""

    widget = forms.TextInput(attrs={"type": "month", "placeholder": "2026-01", "autocomplete": "off"})

    def clean(self, value: object) -> dt.date | None:
        """Turn the text into the first day of its month."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return dt.date.fromisoformat(f"{text}-01")
        except ValueError:
            raise forms.ValidationError(_("Write the month as YYYY-MM, for example 2026-01.")) from None


class AssumptionForm(forms.Form):
    """Something that the plan takes for granted, and how the actual months will answer."""

    code = forms.RegexField(
        r"^[a-z0-9_.\-]+$", label=_("Short name"), max_length=80, help_text=_("small letters, digits, dots")
    )
    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), label=_("Assumption"))
    source = forms.CharField(required=False, max_length=200, label=_("Source"))
    owner = forms.ModelChoiceField(User.objects.none(), required=False, label=_("Owner"))
    expires_on = forms.DateField(required=False, widget=DayInput(), label=_("Holds until"))
    metric = forms.ChoiceField(required=False, label=_("Measured by"))
    family = forms.ModelChoiceField(Family.objects.none(), required=False, label=_("Family"), empty_label=_("All"))
    market = forms.ModelChoiceField(Market.objects.none(), required=False, label=_("Market"), empty_label=_("All"))
    currency = forms.ChoiceField(required=False, label=_("Currency"))
    first_month = MonthField(required=False, label=_("First month"))
    last_month = MonthField(required=False, label=_("Last month"))
    expected = forms.DecimalField(required=False, max_digits=20, decimal_places=4, label=_("Expected value"))
    tolerance = forms.DecimalField(
        required=False, max_digits=20, decimal_places=4, min_value=0, label=_("May be off by")
    )
    tolerance_kind = forms.ChoiceField(
        required=False, label=_("Off by, in"), choices=[(t.value, t.label) for t in reversed(Tolerance)]
    )

    WORDS = ("code", "text", "source", "owner", "expires_on")
    MEASURE = (
        "metric", "family", "market", "currency", "first_month", "last_month", "expected", "tolerance", "tolerance_kind",
    )  # fmt: skip
    WHOLE = ("first_month", "last_month", "expected", "tolerance")

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        """Offer the people who work here, every registered metric, and the families and markets that `user` may see."""
        super().__init__(*args, **kwargs)
        scope = scope_of(user)
        people = User.objects.filter(is_active=True, is_service=False, memberships__isnull=False)
        self.fields["owner"].queryset = people.distinct().order_by("first_name", "username")
        families, markets = scope.sides()
        self.fields["family"].queryset = Family.objects.filter(families).order_by("code")
        self.fields["market"].queryset = Market.objects.filter(markets).order_by("code")
        self.fields["metric"].choices = [("", _("Words only")), *((m.name, m.title) for m in metrics())]
        self.fields["currency"].choices = [("", "–"), *((c.code, c.code) for c in Currency.objects.all())]

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """What it says, and how the actual months will answer."""
        return [
            ("", [self[name] for name in self.WORDS]),
            (str(_("Measured by the actual months")), [self[name] for name in self.MEASURE]),
        ]

    def clean(self) -> dict[str, object]:
        """A measured assumption is measured whole."""
        chosen = super().clean() or self.cleaned_data
        if chosen.get("metric"):
            chosen["last_month"] = chosen.get("last_month") or chosen.get("first_month")
            for name in self.WHOLE:
                if chosen.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Needed, so that the actual months can answer."))
        return chosen

    def statement(self) -> Statement:
        """What was written down, as the service takes it."""
        chosen = self.cleaned_data
        measure = None
        if chosen["metric"]:
            family, market = chosen["family"], chosen["market"]
            measure = Measure(
                metric=chosen["metric"],
                first_month=chosen["first_month"],
                last_month=chosen["last_month"],
                expected=chosen["expected"],
                tolerance=chosen["tolerance"],
                tolerance_kind=Tolerance(chosen["tolerance_kind"] or Tolerance.PERCENT),
                family_id=family.pk if family else None,
                market_id=market.pk if market else None,
                currency=chosen["currency"],
            )
        words = {name: chosen[name] for name in self.WORDS}
        return Statement(**words, measure=measure)


class ConfirmationForm(forms.Form):
    """The word that an assumption still holds, perhaps until a later day."""

    expires_on = forms.DateField(required=False, widget=DayInput(), label=_("Holds until"))

    def __init__(self, *args: object, assumption: Assumption, **kwargs: object) -> None:
        """Offer the day it has now; one that has passed must be replaced."""
        super().__init__(*args, **kwargs)
        self.fields["expires_on"].required = assumption.is_expired
        if assumption.expires_on and not assumption.is_expired:
            self.fields["expires_on"].initial = assumption.expires_on


class DecisionForm(OptionRows):
    """A question that somebody has to answer: what about, what it is worth, who decides and until when, the options."""

    subject = forms.CharField(max_length=200, label=_("About"))
    money = forms.DecimalField(
        required=False, max_digits=16, decimal_places=2, label=_("Money"),
        help_text=_("What is decided about, in the company's currency; a shortfall with a minus"),
    )  # fmt: skip
    question = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), label=_("Question"))
    owner = forms.ModelChoiceField(User.objects.none(), required=False, label=_("Who decides"))
    due_on = forms.DateField(required=False, widget=DayInput(), label=_("Until"))

    @property
    def groups(self) -> list[tuple[object, list[forms.BoundField]]]:
        """The question, then each option, then who decides."""
        asked = [self[name] for name in ("subject", "money", "question")]
        return [("", asked), *self.option_groups(), ("", [self[name] for name in ("recommended", "owner", "due_on")])]

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer the people who may take decisions."""
        super().__init__(*args, **kwargs)
        takers = [role.value for role in roles_for(Action.TAKE_DECISION, StageKind.EXECUTIVE)]
        people = User.objects.filter(is_active=True, is_service=False, memberships__role__in=takers)
        self.fields["owner"].queryset = people.distinct().order_by("first_name", "username")

    def asked(self, code: str) -> Question:
        """The question as the service takes it."""
        chosen, money = self.cleaned_data, self.cleaned_data["money"]
        return Question(
            code=code,
            subject=chosen["subject"],
            text=chosen["question"],
            money_cents=None if money is None else int(money * 100),
            options=self.options(),
            due_on=chosen["due_on"],
            owner=chosen["owner"],
        )


class AnswerForm(forms.Form):
    """The answer to a decision, chosen among its options or in other words."""

    choice = forms.CharField(max_length=500, label=_("Decision"))
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), label=_("Reason"))

    def __init__(self, *args: object, decision: Decision, **kwargs: object) -> None:
        """Offer the titles of the options as suggestions."""
        super().__init__(*args, **kwargs)
        titles = [str(option.get("title", "")) for option in decision.options]
        if titles:
            self.fields["choice"].help_text = _("For example: %(titles)s") % {"titles": " · ".join(titles)}
        if effect_of(decision.code) is not None:  # what follows depends on the very option
            offered = [(title, title) for title in titles]
            self.fields["choice"] = forms.ChoiceField(choices=offered, label=_("Decision"))


class CommentForm(forms.Form):
    """What somebody writes in a conversation, or why they take it back; `gesture` is made with the form."""

    text = forms.CharField(required=False, strip=True)
    gesture = forms.UUIDField(error_messages={"required": _("Load the page anew and send it again.")})


class PersonForm(forms.Form):
    """Who a person is; the name they sign in with is given once."""

    username = forms.RegexField(
        r"^[\w.@+-]+$", max_length=150, label=_("Signs in as"), help_text=_("letters, digits and . @ + - _")
    )
    first_name = forms.CharField(required=False, max_length=150, label=_("First name"))
    last_name = forms.CharField(required=False, max_length=150, label=_("Last name"))
    email = forms.EmailField(required=False, label=_("E-mail"))

    NAMES = ("first_name", "last_name", "email")

    def __init__(self, *args: object, person: User | None = None, **kwargs: object) -> None:
        """For an existing person only the names, as they are now."""
        super().__init__(*args, **kwargs)
        if person is not None:
            del self.fields["username"]
            self.initial = {name: getattr(person, name) for name in self.NAMES}

    def names(self) -> dict[str, str]:
        """First name, last name and e-mail."""
        return {name: self.cleaned_data[name] for name in self.NAMES}


class RoleForm(forms.Form):
    """A role of a person, perhaps limited; nothing chosen is everything."""

    role = forms.ChoiceField(label=_("Role"))
    families = forms.ModelMultipleChoiceField(
        Family.objects.order_by("code"), required=False, label=_("Only these families"),
        widget=forms.SelectMultiple(attrs={"size": 6}), help_text=_("none chosen: all families"),
    )  # fmt: skip
    markets = forms.ModelMultipleChoiceField(
        Market.objects.order_by("code"), required=False, label=_("Only these markets"),
        widget=forms.SelectMultiple(attrs={"size": 6}), help_text=_("none chosen: all markets"),
    )  # fmt: skip

    def __init__(self, *args: object, membership: Membership | None = None, **kwargs: object) -> None:
        """Offer the roles of people; a given role only its limits."""
        super().__init__(*args, **kwargs)
        people = [role for role in Role if role != Role.INTEGRATION]
        self.fields["role"].choices = [(role.value, role.label) for role in people]
        if membership is not None:
            self.fields["role"].widget = forms.HiddenInput()
            families, markets = membership.families.all(), membership.markets.all()
            self.initial = {"role": membership.role, "families": families, "markets": markets}
