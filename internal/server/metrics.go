package server

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"shanglin/internal/platform/jobs"
	"shanglin/internal/platform/store"
)

// metrics of one server, in a registry of its own.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func newMetrics(inst *store.Installation) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "shanglin_request_duration_seconds", Help: "How long calls of the API took, by operation and class of status.",
			Buckets: []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 15, 60},
		}, []string{"operation", "status"}),
	}
	m.registry.MustRegister(m.requests, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if inst != nil {
		m.registry.MustRegister(&tenantCollector{inst})
	}
	return m
}

func (m *metrics) observe(operation string, status int, took time.Duration) {
	m.requests.WithLabelValues(operation, strconv.Itoa(status/100)+"xx").Observe(took.Seconds())
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2, Timeout: scrapeTime})
}

const scrapeTime = 10 * time.Second

// tenantCollector counts, at each scrape, what waits in every tenant, and says whether its database answers.
type tenantCollector struct{ inst *store.Installation }

var (
	jobsWaiting = prometheus.NewDesc("shanglin_jobs", "Jobs by state that have not come to an end, and that failed.", []string{"tenant", "state"}, nil)
	databaseUp  = prometheus.NewDesc("shanglin_database_up", "1 when the database of the tenant (or control) answers.", []string{"database"}, nil)
)

func (c *tenantCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- jobsWaiting
	ch <- databaseUp
}

func (c *tenantCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	up := func(database string, err error) {
		value := 1.0
		if err != nil {
			slog.WarnContext(ctx, "a database does not answer", "database", database, "error", err)
			value = 0
		}
		ch <- prometheus.MustNewConstMetric(databaseUp, prometheus.GaugeValue, value, database)
	}
	tenants, err := c.inst.Tenants(ctx)
	up(store.ControlID, err)
	for _, t := range tenants {
		counts, err := c.count(ctx, t.ID)
		up(t.ID, err)
		for state, n := range counts {
			ch <- prometheus.MustNewConstMetric(jobsWaiting, prometheus.GaugeValue, float64(n), t.ID, string(state))
		}
	}
}

func (c *tenantCollector) count(ctx context.Context, tenant string) (map[jobs.State]int64, error) {
	db, err := c.inst.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return jobs.Count(store.In(ctx, db))
}
