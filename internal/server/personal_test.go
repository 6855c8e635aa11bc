package server

import (
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"shanglin/internal/auditor"
)

// personal is what is said of people in furnish, as it stands in the database.
var personal = []string{"13800000000", "6222020000000000001", "6222020000000000002", "13900000000", "异议人王五", "张三"}

// personalFields of the API may hold what is personal. One that the description marks so and that is not here fails, and the other way round.
var personalFields = []string{
	"CaseworkApplication.contact", "CaseworkApplication.phone", "CaseworkDraft.contact", "CaseworkDraft.phone", "CaseworkEntry.value", "CaseworkEntry.was", "CaseworkObjection.contact",
	"CaseworkObjection.name", "NotifyReach.to", "PanelExpert.phone", "PanelExpertDraft.phone", "RegistryParty.contact",
	"RegistryParty.id_number", "RegistryParty.phone", "RegistryPartyBody.contact", "RegistryPartyBody.id_number", "RegistryPartyBody.phone",
	"RegistryPartyRow.contact", "RegistryPartyRow.id_number", "RegistryPartyRow.phone", "TreasuryBankAccount.number",
	"TreasuryPayment.account",
}

// No list, page or workbook tells an office what is personal of firm a, its account or its objector: each reading is an operation of its own, in
// the log with its reason. The bank's file is the one workbook with whole numbers, and whoever takes it is logged.
//
// Mutations that turn this red: give the application's contact, or an objector, whole; leave masked() out of a list of parties or accounts, or out
// of a workbook; drop the audit event from an unmasking; mark a new field as personal.
func TestPersonalDataIsMaskedAndItsReadingLogged(t *testing.T) {
	forEach(t, func(h *house) {
		m := furnish(h)
		o := h.server.api.OpenAPI()
		marked := []string{}
		for name, s := range o.Components.Schemas.Map() {
			for field, p := range s.Properties {
				if strings.Contains(p.Description, "personal") || strings.Contains(p.Description, "masked") {
					marked = append(marked, name+"."+field)
				}
			}
		}
		slices.Sort(marked)
		if !slices.Equal(marked, personalFields) {
			h.t.Errorf("personal fields: %q", marked)
		}
		who := map[string]*browser{}
		for _, role := range []string{"office", "near", "officer", "leader", "finance", "auditor"} {
			who[role] = h.as("east", role)
		}
		eachOperation(o, func(method, path string, op *huma.Operation) {
			if method != "GET" {
				return
			}
			at := m.place(call{id: op.OperationID, path: path})
			for role, b := range who {
				told := textOf(b.call("GET", at, nil))
				for _, secret := range personal {
					if strings.Contains(told, secret) {
						h.t.Errorf("%s tells %s %q", op.OperationID, role, secret)
					}
				}
			}
		})
		reason := map[string]any{"reason": "核对联系方式"}
		party := "/api/east/parties/" + m.ids["parties"]
		account := "/api/east/treasury/parties/" + m.ids["parties"] + "/account/unmask"
		objection := "/api/east/objections/" + m.ids["objections"]
		application := "/api/east/cases/" + m.ids["cases"]
		none := map[string]any{"reason": " "}
		h.run([]scenario{
			{"a party without a reason", who["office"], "POST", party + "/unmask", none, 422, nil, personal},
			{"a party", who["office"], "POST", party + "/unmask", reason, 200, []string{"13800000000"}, nil},
			{"an account without a reason", who["finance"], "POST", account, none, 422, nil, personal},
			{"an account", who["finance"], "POST", account, reason, 200, []string{"6222020000000000002"}, nil},
			{"an objector without a reason", who["office"], "POST", objection + "/unmask", none, 422, nil, personal},
			{"an objector, a leader", who["leader"], "POST", objection + "/unmask", reason, 403, nil, personal},
			{"an objector", who["office"], "POST", objection + "/unmask", reason, 200, []string{"异议人王五", "13900000000"}, nil},
			{"a contact without a reason", who["office"], "POST", application + "/unmask", none, 422, nil, personal},
			{"a contact, finance", who["finance"], "POST", application + "/unmask", reason, 403, nil, personal},
			{"a contact", who["office"], "POST", application + "/unmask", reason, 200, []string{"张三", "13800000000"}, nil},
			{"the firm reads its own", h.as("east", "firm"), "GET", application + "/application", nil, 200, []string{"张三", "13800000000"}, nil},
			{"an officer masked", who["office"], "GET", application + "/application", nil, 200, []string{"张*", "138****0000"}, nil},
		})
		for _, action := range []string{"party.unmask", "bank_account.unmask", "objection.unmask", "case.unmask"} {
			var log struct {
				Items []auditor.Entry `json:"items"`
			}
			readInto(h.t, who["auditor"].call("GET", "/api/east/audit?action="+action, nil), 200, &log)
			if len(log.Items) != 1 || !strings.Contains(log.Items[0].Data, "核对联系方式") {
				h.t.Errorf("%s: %+v", action, log.Items)
			}
		}
	})
}
