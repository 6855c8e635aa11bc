// The part of the chart library that the desk needs; loaded only when a chart is shown.
import { BarChart } from 'echarts/charts'
import { GridComponent, LegendPlainComponent, TooltipComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

use([BarChart, GridComponent, LegendPlainComponent, TooltipComponent, SVGRenderer])

export { init }
